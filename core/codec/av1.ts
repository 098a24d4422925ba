// AV1: open bitstream units, the configuration record, key frames and the codec string. The sequence
// header has its own file.
import { BarrageError } from '../errors.ts';
import { type Av1Sequence, parseAv1Sequence } from './av1-sequence.ts';

export { type Av1Sequence, parseAv1Sequence } from './av1-sequence.ts';

/** `obu_type` values (AV1 specification 6.2.2) that the server looks at. */
export const OBU = {
  sequenceHeader: 1,
  temporalDelimiter: 2,
  frameHeader: 3,
  frame: 6,
  padding: 15,
} as const;

/** One open bitstream unit, as views into the data it was found in. */
export interface Obu {
  readonly type: number;
  /** Header, extension, size field when there is one, and payload. */
  readonly whole: Buffer;
  readonly payload: Buffer;
  readonly hasSize: boolean;
}

/**
 * Cuts a low-overhead OBU stream (AV1 specification 5.2). An OBU without a size reaches to the end.
 * @throws BarrageError `BAD_REQUEST` when a size runs past the end or the forbidden bit is set
 */
export function splitObus(data: Buffer): Obu[] {
  const obus: Obu[] = [];
  for (let at = 0; at < data.length; ) {
    const header = data[at] as number;
    if (header & 0x80) throw new BarrageError('BAD_REQUEST', 'OBU: forbidden bit set');
    const hasSize = (header & 2) !== 0;
    const start = at + (header & 4 ? 2 : 1);
    const size = hasSize ? readLeb128(data, start) : { value: data.length - start, length: 0 };
    const body = start + size.length;
    const end = body + size.value;
    if (end > data.length || size.value < 0) {
      throw new BarrageError('BAD_REQUEST', `OBU of ${size.value} bytes in ${data.length - body} left`);
    }
    const whole = data.subarray(at, end);
    obus.push({ type: (header >> 3) & 15, whole, payload: data.subarray(body, end), hasSize });
    at = end;
  }
  return obus;
}

function readLeb128(data: Buffer, at: number): { value: number; length: number } {
  let value = 0;
  for (let index = 0; index < 8; index++) {
    const byte = data[at + index];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if ((byte & 0x80) === 0) return { value, length: index + 1 };
  }
  throw new BarrageError('BAD_REQUEST', 'OBU: size field cut off or too long');
}

function writeLeb128(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/** An OBU with its size field, as MP4, E-RTMP and `AccessUnit.data` want it. */
export function obuWithSize(obu: Obu): Buffer {
  if (obu.hasSize) return obu.whole;
  const header = Buffer.from(obu.whole.subarray(0, obu.whole.length - obu.payload.length));
  header[0] = (header[0] ?? 0) | 2;
  return Buffer.concat([header, writeLeb128(obu.payload.length), obu.payload]);
}

/** A temporal unit in the form of `AccessUnit.data`: sizes on every OBU, no delimiter, no padding. */
export function joinObus(obus: readonly Obu[]): Buffer {
  const kept = obus.filter((obu) => obu.type !== OBU.temporalDelimiter && obu.type !== OBU.padding);
  return Buffer.concat(kept.map(obuWithSize));
}

/**
 * Whether a temporal unit starts with a shown key frame. `sequence` gives what its frame header needs.
 */
export function isAv1KeyUnit(obus: readonly Obu[], reducedHeader = false): boolean {
  const frame = obus.find((obu) => obu.type === OBU.frame || obu.type === OBU.frameHeader);
  const first = frame?.payload[0];
  if (first === undefined) return false;
  // 5.9.2: show_existing_frame(1), frame_type(2), show_frame(1); all implied in a reduced header.
  return reducedHeader || (first & 0xf0) === 0x10;
}

/** An AV1CodecConfigurationRecord taken apart (AV1 in ISOBMFF 2.3.3). */
export interface Av1Config {
  readonly profile: number;
  readonly level: number;
  readonly tier: number;
  readonly bitDepth: number;
  /** Undefined when the record has no sequence header. */
  readonly sequence: Av1Sequence | undefined;
}

/**
 * Parses an av1C record.
 * @throws BarrageError `BAD_REQUEST` when cut off, of another version, or its OBUs are malformed
 */
export function parseAv1Config(record: Buffer): Av1Config {
  if (record.length < 4 || record[0] !== 0x81) {
    throw new BarrageError(
      'BAD_REQUEST',
      `av1C: ${record.length} bytes, first 0x${record.toString('hex', 0, 1)}`,
    );
  }
  const [, second, third] = record as unknown as [number, number, number];
  const header = splitObus(record.subarray(4)).find((obu) => obu.type === OBU.sequenceHeader);
  const deep = third & 0x20 ? 12 : 10;
  return {
    profile: second >> 5,
    level: second & 0x1f,
    tier: third >> 7,
    bitDepth: third & 0x40 ? deep : 8,
    sequence: header && parseAv1Sequence(header.payload),
  };
}

/**
 * Builds an av1C record around a sequence header OBU.
 * @throws BarrageError `BAD_REQUEST` when the sequence header cannot be parsed
 */
export function buildAv1Config(sequenceHeader: Obu): Buffer {
  const seq = parseAv1Sequence(sequenceHeader.payload);
  const depth = seq.bitDepth === 8 ? 0 : seq.bitDepth === 10 ? 0x40 : 0x60;
  const chroma = (seq.monochrome ? 0x10 : 0) | (seq.subsamplingX << 3) | (seq.subsamplingY << 2);
  const head = [0x81, (seq.profile << 5) | seq.level, (seq.tier << 7) | depth | chroma, 0];
  return Buffer.concat([Buffer.from(head), obuWithSize(sequenceHeader)]);
}

/** AV1 in ISOBMFF section 5: `av01.P.LLT.DD`, for example `av01.0.04M.08`. */
export function av1CodecString(config: Pick<Av1Config, 'profile' | 'level' | 'tier' | 'bitDepth'>): string {
  const level = String(config.level).padStart(2, '0');
  const depth = String(config.bitDepth).padStart(2, '0');
  return `av01.${config.profile}.${level}${config.tier === 1 ? 'H' : 'M'}.${depth}`;
}
