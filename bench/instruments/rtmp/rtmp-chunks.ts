// RTMP's handshake and chunks from the client's side (RTMP 1.0 sections 5.2 and 5.3): messages to bytes, and
// a server's answers back to messages. Trusts the server; owns no socket.

/** Message type ids used here (RTMP 1.0 sections 5.4 and 7.1). */
export const RTMP_TYPE = { setChunkSize: 1, audio: 8, video: 9, data: 18, command: 20 } as const;

/** A message to send. */
export interface OutMessage {
  readonly type: number;
  readonly payload: Uint8Array;
  readonly timestamp?: number;
  readonly streamId?: number;
  /** 2 to 63; default 3. */
  readonly chunkStream?: number;
}

/** What both sides expect until Set Chunk Size says otherwise. */
export const DEFAULT_CHUNK_BYTES = 128;
/** Larger timestamps go into a field of their own. */
export const EXTENDED_TIMESTAMP = 0xff_ffff;
const HANDSHAKE_BYTES = 1536;
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const;

/** C0, C1 and C2 of a client that does not wait for the server. */
export function handshake(): Buffer {
  const bytes = Buffer.alloc(1 + HANDSHAKE_BYTES * 2, 7);
  bytes[0] = 3;
  // Time and version 0: the plain handshake, without Flash's digests.
  bytes.fill(0, 1, 9);
  return bytes;
}

/** Chunks of one message with a format 0 header (and the extended timestamp on every chunk). */
export function chunks(message: OutMessage, chunkBytes = DEFAULT_CHUNK_BYTES): Buffer {
  const { payload, timestamp = 0, chunkStream = 3 } = message;
  const isExtended = timestamp >= EXTENDED_TIMESTAMP;
  const extended = Buffer.alloc(isExtended ? 4 : 0);
  if (isExtended) extended.writeUInt32BE(timestamp);
  const parts = [firstHeader(message), extended];
  parts.push(splitPayload(payload, { chunkBytes, chunkStream, extended }));
  return Buffer.concat(parts);
}

/** A format 0 header: 12 bytes. */
export function firstHeader(message: OutMessage): Buffer {
  const { type, payload, timestamp = 0, streamId = 0, chunkStream = 3 } = message;
  const head = Buffer.allocUnsafe(12);
  head[0] = chunkStream;
  head.writeUIntBE(Math.min(timestamp, EXTENDED_TIMESTAMP), 1, 3);
  head.writeUIntBE(payload.length, 4, 3);
  head[7] = type;
  head.writeUInt32LE(streamId, 8);
  return head;
}

/** A payload with the headers of its further chunks (format 3) in between; the first one's is left out. */
export function splitPayload(
  payload: Uint8Array,
  options: { readonly chunkBytes: number; readonly chunkStream: number; readonly extended?: Buffer },
): Buffer {
  const { chunkBytes, chunkStream, extended = Buffer.alloc(0) } = options;
  const header = Buffer.concat([Buffer.from([0xc0 | chunkStream]), extended]);
  const parts: Uint8Array[] = [payload.subarray(0, chunkBytes)];
  for (let at = chunkBytes; at < payload.length; at += chunkBytes) {
    parts.push(header, payload.subarray(at, at + chunkBytes));
  }
  return Buffer.concat(parts);
}

/** A message as a server sends it; what clients need of it. */
export interface InMessage {
  readonly type: number;
  readonly payload: Buffer;
}

interface PartialMessage {
  type: number;
  length: number;
  payload: Buffer;
}

/** Puts a server's answers together; skips its half of the handshake. */
export class AnswerReader {
  readonly #streams = new Map<number, PartialMessage>();
  #buffer: Buffer = Buffer.alloc(0);
  #handshakeLeft = 1 + HANDSHAKE_BYTES * 2;
  #chunkBytes = DEFAULT_CHUNK_BYTES;

  /** Whether S0, S1 and S2 are in. */
  get handshakeDone(): boolean {
    return this.#handshakeLeft === 0;
  }

  /** The messages that these bytes complete. */
  push(data: Buffer): InMessage[] {
    const skipped = Math.min(this.#handshakeLeft, data.length);
    this.#handshakeLeft -= skipped;
    this.#buffer = Buffer.concat([this.#buffer, data.subarray(skipped)]);
    const messages: InMessage[] = [];
    for (;;) {
      const chunk = this.#readChunk();
      if (chunk === 'incomplete') return messages;
      if (chunk === 'part') continue;
      if (chunk.type === RTMP_TYPE.setChunkSize) this.#chunkBytes = chunk.payload.readUInt32BE();
      else messages.push(chunk);
    }
  }

  #readChunk(): InMessage | 'part' | 'incomplete' {
    const first = this.#buffer[0];
    if (first === undefined) return 'incomplete';
    const id = first & 0x3f;
    if (id < 2) throw new Error('the server uses chunk streams above 63, which this client does not read');
    const format = (first >> 6) as 0 | 1 | 2 | 3;
    const headerBytes = 1 + MESSAGE_HEADER_BYTES[format];
    if (this.#buffer.length < headerBytes) return 'incomplete';
    const stream = this.#streams.get(id) ?? { type: 0, length: 0, payload: Buffer.alloc(0) };
    if (format <= 1) {
      stream.length = this.#buffer.readUIntBE(4, 3);
      stream.type = this.#buffer.readUInt8(7);
    }
    const take = Math.min(this.#chunkBytes, stream.length - stream.payload.length);
    if (this.#buffer.length < headerBytes + take) return 'incomplete';
    this.#streams.set(id, stream);
    stream.payload = Buffer.concat([stream.payload, this.#buffer.subarray(headerBytes, headerBytes + take)]);
    this.#buffer = this.#buffer.subarray(headerBytes + take);
    if (stream.payload.length < stream.length) return 'part';
    const { type, payload } = stream;
    stream.payload = Buffer.alloc(0);
    return { type, payload };
  }
}
