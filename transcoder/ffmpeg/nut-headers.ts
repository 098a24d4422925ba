// The main and stream headers of NUT (nut.txt of the NUT specification, version 3): the table of frame
// codes, the time bases and each stream's codec data.
import { BarrageError } from '../../core/errors.ts';
import { NutCursor } from './nut-cursor.ts';

/** Bits of a frame code's flags. */
export const FRAME_FLAG = {
  key: 1,
  codedPts: 8,
  streamId: 16,
  sizeMsb: 32,
  checksum: 64,
  reserved: 128,
  headerIndex: 1024,
  matchTime: 2048,
  coded: 4096,
  invalid: 8192,
} as const;

/** What the one-byte code in front of a frame stands for. */
export interface FrameCode {
  readonly flags: number;
  readonly streamId: number;
  readonly sizeMul: number;
  readonly sizeLsb: number;
  readonly ptsDelta: number;
  readonly reservedCount: number;
  readonly headerIndex: number;
}

/** Seconds a tick: `num / den`. */
export interface TimeBase {
  readonly num: number;
  readonly den: number;
}

/** The main header. */
export interface NutMain {
  readonly streamCount: number;
  readonly timeBases: readonly TimeBase[];
  readonly frameCodes: readonly FrameCode[];
  /** Bytes left out at the start of frames, by header index; the first is empty. */
  readonly elisionHeaders: readonly Buffer[];
}

/** A stream header, as far as a one-codec reader wants to know. */
export interface NutStream {
  readonly id: number;
  readonly fourcc: string;
  readonly timeBase: TimeBase;
  readonly msbPtsShift: number;
  /** Annex B parameter sets, AudioSpecificConfig or OpusHead. */
  readonly codecData: Buffer;
}

const MAX_TIME_BASES = 16;
const MAX_ELISION_HEADERS = 128;
const MAX_VERSION = 3;
const STARTCODE_BYTE = 0x4e;

/**
 * Reads the body of a main header.
 * @throws BarrageError `BAD_REQUEST` when cut off or out of bounds, `UNSUPPORTED_MEDIA` for version 4
 */
export function readNutMain(body: Buffer): NutMain {
  const cursor = new NutCursor(body);
  const version = cursor.unsigned();
  if (version > MAX_VERSION) {
    throw new BarrageError('UNSUPPORTED_MEDIA', `NUT version ${version}, expected at most ${MAX_VERSION}`);
  }
  const streamCount = cursor.unsigned();
  cursor.unsigned(); // max_distance
  const timeBases = readTimeBases(cursor);
  const frameCodes = readFrameCodes(cursor);
  const elisionHeaders = [Buffer.alloc(0)];
  const extra = cursor.unsigned();
  if (extra > MAX_ELISION_HEADERS) throw new BarrageError('BAD_REQUEST', `NUT: ${extra} elision headers`);
  for (let left = extra; left > 0; left--) elisionHeaders.push(Buffer.from(cursor.block()));
  requireWhole(cursor, 'main header');
  return { streamCount, timeBases, frameCodes, elisionHeaders };
}

function readTimeBases(cursor: NutCursor): TimeBase[] {
  const count = cursor.unsigned();
  if (count < 1 || count > MAX_TIME_BASES) throw new BarrageError('BAD_REQUEST', `NUT: ${count} time bases`);
  const bases: TimeBase[] = [];
  for (let left = count; left > 0; left--) {
    const base = { num: cursor.unsigned(), den: cursor.unsigned() };
    if (base.num < 1 || base.den < 1) {
      throw new BarrageError('BAD_REQUEST', `NUT: time base ${base.num}/${base.den}`);
    }
    bases.push(base);
  }
  return bases;
}

const INVALID_CODE: FrameCode = {
  flags: FRAME_FLAG.invalid,
  streamId: 0,
  sizeMul: 1,
  sizeLsb: 0,
  ptsDelta: 0,
  reservedCount: 0,
  headerIndex: 0,
};

function readFrameCodes(cursor: NutCursor): FrameCode[] {
  const codes: FrameCode[] = [];
  let sticky: FrameCode = INVALID_CODE;
  while (codes.length < 256) {
    const { code, count } = readCodeGroup(cursor, sticky);
    if (count < 1 || cursor.short) throw new BarrageError('BAD_REQUEST', 'NUT: broken frame code table');
    sticky = code;
    for (let index = 0; index < count && codes.length < 256; index++) {
      // 'N' starts every startcode, so it is no frame code and takes no place in its group.
      if (codes.length === STARTCODE_BYTE) codes.push(INVALID_CODE);
      codes.push({ ...code, sizeLsb: code.sizeLsb + index });
    }
  }
  return codes.slice(0, 256);
}

// A group gives only as many fields as differ; some keep their last value, others fall back to 0.
function readCodeGroup(cursor: NutCursor, last: FrameCode): { code: FrameCode; count: number } {
  const flags = cursor.unsigned();
  const fields = cursor.unsigned();
  const ptsDelta = fields > 0 ? cursor.signed() : last.ptsDelta;
  const sizeMul = fields > 1 ? cursor.unsigned() : last.sizeMul;
  const streamId = fields > 2 ? cursor.unsigned() : last.streamId;
  const sizeLsb = fields > 3 ? cursor.unsigned() : 0;
  const reservedCount = fields > 4 ? cursor.unsigned() : 0;
  const count = fields > 5 ? cursor.unsigned() : sizeMul - sizeLsb;
  if (fields > 6) cursor.signed(); // match_time_delta
  const headerIndex = fields > 7 ? cursor.unsigned() : last.headerIndex;
  for (let left = fields - 8; left > 0 && !cursor.short; left--) cursor.unsigned();
  return { code: { flags, streamId, sizeMul, sizeLsb, ptsDelta, reservedCount, headerIndex }, count };
}

/**
 * Reads the body of a stream header.
 * @throws BarrageError `BAD_REQUEST` when cut off or its time base does not exist
 */
export function readNutStream(body: Buffer, main: NutMain): NutStream {
  const cursor = new NutCursor(body);
  const id = cursor.unsigned();
  cursor.unsigned(); // stream_class
  const fourcc = cursor.block().toString('latin1');
  const timeBase = main.timeBases[cursor.unsigned()];
  const msbPtsShift = cursor.unsigned();
  cursor.unsigned(); // max_pts_distance
  cursor.unsigned(); // decode_delay
  cursor.unsigned(); // stream_flags
  const codecData = Buffer.from(cursor.block());
  requireWhole(cursor, 'stream header');
  if (timeBase === undefined || msbPtsShift > 30) {
    throw new BarrageError('BAD_REQUEST', `NUT: stream ${id} has no time base or a shift of ${msbPtsShift}`);
  }
  return { id, fourcc, timeBase, msbPtsShift, codecData };
}

function requireWhole(cursor: NutCursor, what: string): void {
  if (cursor.short) throw new BarrageError('BAD_REQUEST', `NUT: the ${what} is cut off`);
}
