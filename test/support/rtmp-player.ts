// Plays encoded units into an RTMP test client at the pace of the clock, as an encoder would: for sources
// that no ffmpeg of today's distributions can push (Enhanced RTMP, changes in mid-stream).
import type { AccessUnit } from '../../core/access-unit.ts';
import { MESSAGE } from '../../media/ingest/rtmp/rtmp-message.ts';
import type { RtmpTestClient } from './rtmp-client.ts';

/** One message to send, `atMs` after the start. */
export interface TimedMessage {
  readonly atMs: number;
  readonly kind: 'video' | 'audio';
  readonly payload: Buffer;
}

/** Units as messages; `wrap` makes the payload of one. */
export function toMessages(
  kind: TimedMessage['kind'],
  units: readonly AccessUnit[],
  wrap: (unit: AccessUnit, compositionMs: number) => Buffer,
): TimedMessage[] {
  return units.map((unit) => ({
    kind,
    atMs: unit.dtsUs / 1000,
    payload: wrap(unit, Math.round((unit.ptsUs - unit.dtsUs) / 1000)),
  }));
}

/** Sends the messages when their time comes; call the result to stop. */
export function playMessages(client: RtmpTestClient, messages: readonly TimedMessage[]): () => void {
  const queue = messages.toSorted((a, b) => a.atMs - b.atMs);
  const startMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now() - startMs;
    while (queue[0] && queue[0].atMs <= nowMs) {
      const { kind, atMs, payload } = queue.shift() as TimedMessage;
      const [type, chunkStream] = kind === 'video' ? [MESSAGE.video, 6] : [MESSAGE.audio, 4];
      client.send({ type, payload, streamId: 1, chunkStream, timestamp: Math.round(atMs) });
    }
  }, 5);
  return () => clearInterval(timer);
}
