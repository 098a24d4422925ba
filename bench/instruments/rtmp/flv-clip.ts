// A recorded stream to be replayed: the tags of an FLV file (FLV 10.1, E.4.1), its sequence headers apart
// from what can be looped. Does not decode.
import { RTMP_TYPE } from './rtmp-chunks.ts';

/** One tag: an RTMP message type, its time and its body. */
export interface FlvTag {
  readonly type: number;
  readonly atMs: number;
  readonly payload: Buffer;
}

/** What is sent once, and what is sent over and over. */
export interface FlvClip {
  /** Metadata and sequence headers, at time 0. */
  readonly head: readonly FlvTag[];
  /** In file order, the first one at time 0. */
  readonly media: readonly FlvTag[];
  /** After so much time the clip begins again. */
  readonly durationMs: number;
}

const FILE_HEADER_BYTES = 9;
const TAG_HEADER_BYTES = 11;
const TRAILER_BYTES = 4;

/**
 * Reads a file's bytes. Tags at or after `durationMs` are left out, so that the loop closes: it should be a
 * whole number of pictures and of sound frames. @throws Error when it is no FLV or has no media.
 */
export function readFlvClip(file: Buffer, durationMs: number): FlvClip {
  if (file.toString('latin1', 0, 3) !== 'FLV') throw new Error('not an FLV file');
  const head: FlvTag[] = [];
  const media: FlvTag[] = [];
  let at = FILE_HEADER_BYTES + TRAILER_BYTES;
  while (at + TAG_HEADER_BYTES <= file.length) {
    const type = file.readUInt8(at) & 0x1f;
    const from = at + TAG_HEADER_BYTES;
    const to = from + file.readUIntBE(at + 1, 3);
    const atMs = file.readUIntBE(at + 4, 3) + file.readUInt8(at + 7) * 2 ** 24;
    at = to + TRAILER_BYTES;
    if (to > file.length) break;
    const payload = file.subarray(from, to);
    if (isHead(type, payload)) head.push({ type, atMs: 0, payload: asMessage(type, payload) });
    else if (isMedia(type, payload) && atMs < durationMs) media.push({ type, atMs, payload });
  }
  if (media.length === 0) throw new Error(`an FLV file without media in its first ${durationMs} ms`);
  return { head, media, durationMs };
}

/** Mean bit rate of a clip, kbit/s. */
export function clipKbps({ media, durationMs }: FlvClip): number {
  return (media.reduce((sum, { payload }) => sum + payload.length, 0) * 8) / durationMs;
}

function isHead(type: number, payload: Buffer): boolean {
  if (type === RTMP_TYPE.data) return true;
  return isMediaType(type) && payload[1] === 0;
}

/** Frames only: the end of sequence (AVCPacketType 2) would end the stream in the middle. */
function isMedia(type: number, payload: Buffer): boolean {
  return isMediaType(type) && payload[1] === 1;
}

function isMediaType(type: number): boolean {
  return type === RTMP_TYPE.audio || type === RTMP_TYPE.video;
}

/** Metadata travels as `@setDataFrame` in RTMP. */
function asMessage(type: number, payload: Buffer): Buffer {
  if (type !== RTMP_TYPE.data) return payload;
  const name = Buffer.from('@setDataFrame');
  return Buffer.concat([Buffer.from([2, 0, name.length]), name, payload]);
}
