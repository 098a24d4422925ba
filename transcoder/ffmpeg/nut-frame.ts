// The header in front of each NUT frame: stream, time, size and what was left out of the data.
import { BarrageError } from '../../core/errors.ts';
import { NutCursor } from './nut-cursor.ts';
import { FRAME_FLAG, type FrameCode, type NutMain, type NutStream } from './nut-headers.ts';

/** A frame's header read; `size` bytes of data follow at `headerBytes`. */
export interface NutFrame {
  readonly headerBytes: number;
  readonly size: number;
  /** In ticks of the stream's time base. */
  readonly pts: number;
  readonly key: boolean;
  readonly headerIndex: number;
}

/** What a frame header is read against. */
export interface FrameContext {
  readonly main: NutMain;
  readonly stream: NutStream;
  readonly lastPts: number;
}

// Frames above this size are never elided.
const MAX_ELIDED_BYTES = 4096;

/**
 * Reads the frame header at the start of `data`; undefined when it is not whole yet.
 * @throws BarrageError `BAD_REQUEST` for an invalid frame code, another stream or an impossible size
 */
export function readFrameHeader(data: Buffer, context: FrameContext): NutFrame | undefined {
  const cursor = new NutCursor(data);
  const code = context.main.frameCodes[cursor.u8()] as FrameCode;
  if (code.flags & FRAME_FLAG.invalid) throw new BarrageError('BAD_REQUEST', `NUT: frame code ${data[0]}`);
  let flags = code.flags;
  if (flags & FRAME_FLAG.coded) flags ^= cursor.unsigned();
  const streamId = flags & FRAME_FLAG.streamId ? cursor.unsigned() : code.streamId;
  const pts = readPts(cursor, { ...context, flags, code });
  let size = code.sizeLsb;
  if (flags & FRAME_FLAG.sizeMsb) size += code.sizeMul * cursor.unsigned();
  if (flags & FRAME_FLAG.matchTime) cursor.signed();
  const coded = flags & FRAME_FLAG.headerIndex ? cursor.unsigned() : code.headerIndex;
  skipTail(cursor, flags, code);
  if (cursor.short) return undefined;
  const headerIndex = size > MAX_ELIDED_BYTES ? 0 : coded;
  size -= context.main.elisionHeaders[headerIndex]?.length ?? Number.POSITIVE_INFINITY;
  if (streamId !== context.stream.id || size < 0) {
    throw new BarrageError('BAD_REQUEST', `NUT: frame of stream ${streamId} with size ${size}`);
  }
  return { headerBytes: cursor.offset, size, pts, key: (flags & FRAME_FLAG.key) !== 0, headerIndex };
}

interface PtsContext extends FrameContext {
  readonly flags: number;
  readonly code: FrameCode;
}

function readPts(cursor: NutCursor, { flags, code, stream, lastPts }: PtsContext): number {
  if (!(flags & FRAME_FLAG.codedPts)) return lastPts + code.ptsDelta;
  const range = 2 ** stream.msbPtsShift;
  const coded = cursor.unsigned();
  if (coded >= range) return coded - range;
  // The low bits only: the nearest time to the last one that ends in them.
  const low = lastPts - Math.floor((range - 1) / 2);
  return low + modulo(coded - low, range);
}

function modulo(value: number, range: number): number {
  return ((value % range) + range) % range;
}

function skipTail(cursor: NutCursor, flags: number, code: FrameCode): void {
  const reserved = flags & FRAME_FLAG.reserved ? cursor.unsigned() : code.reservedCount;
  for (let left = reserved; left > 0 && !cursor.short; left--) cursor.unsigned();
  if (flags & FRAME_FLAG.checksum) cursor.bytes(4);
}
