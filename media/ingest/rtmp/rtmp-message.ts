// RTMP messages: their numbers on the wire and the shape they have once put together from chunks.

/** Message type ids (RTMP 1.0 sections 5.4, 6.2 and 7.1). */
export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: 8,
  video: 9,
  dataAmf3: 15,
  commandAmf3: 17,
  dataAmf0: 18,
  commandAmf0: 20,
  aggregate: 22,
} as const;

/** User control event types (RTMP 1.0 section 7.1.7). */
export const USER_CONTROL = { streamBegin: 0, pingRequest: 6, pingResponse: 7 } as const;

/** One whole message. `timestamp` is unsigned 32-bit milliseconds; `payload` belongs to the receiver. */
export interface RtmpMessage {
  readonly type: number;
  readonly streamId: number;
  readonly timestamp: number;
  readonly payload: Buffer;
}

/** Whether a message type carries media, and so may be larger than a command. */
export function isMediaMessage(type: number): boolean {
  return type === MESSAGE.audio || type === MESSAGE.video || type === MESSAGE.aggregate;
}
