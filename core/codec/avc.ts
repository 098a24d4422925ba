// H.264: the decoder configuration record, NAL unit types and the codec string. The sequence parameter
// set has its own file.
import { BarrageError } from '../errors.ts';
import { parseSps } from './avc-sps.ts';
import { BitReader } from './bit-reader.ts';

export { parseSps, type SpsInfo } from './avc-sps.ts';

/** `nal_unit_type` values of ITU-T H.264 table 7-1 that the server looks at. */
export const AVC_NAL = { slice: 1, idr: 5, sei: 6, sps: 7, pps: 8, aud: 9, spsExtension: 13 } as const;

/** An AVCDecoderConfigurationRecord taken apart (ISO/IEC 14496-15 5.3.3.1). */
export interface AvcConfig {
  readonly profile: number;
  /** The constraint_set flags byte. */
  readonly constraints: number;
  readonly level: number;
  readonly sps: readonly Buffer[];
  readonly pps: readonly Buffer[];
  /** Bytes of each NAL length in the units that came with this record, 1-4. */
  readonly nalLengthSize: number;
}

/** Type of an H.264 NAL unit. */
export function avcNalType(nal: Buffer): number {
  return (nal[0] ?? 0) & 0x1f;
}

/**
 * Parses an avcC record.
 * @throws BarrageError `BAD_REQUEST` when it is cut off, of another version, or has no SPS or no PPS
 */
export function parseAvcConfig(record: Buffer): AvcConfig {
  const reader = new BitReader(record, 'avcC');
  const version = reader.read(8);
  if (version !== 1) throw new BarrageError('BAD_REQUEST', `avcC: version ${version}, expected 1`);
  const profile = reader.read(8);
  const constraints = reader.read(8);
  const level = reader.read(8);
  reader.skip(6);
  const nalLengthSize = reader.read(2) + 1;
  reader.skip(3);
  const sps = readSets(reader, reader.read(5), AVC_NAL.sps);
  const pps = readSets(reader, reader.read(8), AVC_NAL.pps);
  return { profile, constraints, level, sps, pps, nalLengthSize };
}

function readSets(reader: BitReader, count: number, type: number): Buffer[] {
  const sets: Buffer[] = [];
  for (let left = count; left > 0; left--) {
    const nal = reader.bytes(reader.read(16));
    if (avcNalType(nal) === type && nal.length >= 2) sets.push(nal);
  }
  if (sets.length === 0) throw new BarrageError('BAD_REQUEST', `avcC: no parameter set of type ${type}`);
  return sets;
}

/**
 * Builds an avcC record with 4-byte NAL lengths from parameter sets.
 * @throws BarrageError `BAD_REQUEST` when the first SPS cannot be parsed
 */
export function buildAvcConfig(sps: readonly Buffer[], pps: readonly Buffer[]): Buffer {
  const first = sps[0];
  if (!first || pps.length === 0 || sps.length > 31 || pps.length > 255) {
    throw new BarrageError('BAD_REQUEST', `avcC: ${sps.length} SPS and ${pps.length} PPS do not fit`);
  }
  const info = parseSps(first);
  const head = Buffer.from([1, info.profileIdc, info.constraints, info.levelIdc, 0xff, 0xe0 | sps.length]);
  const parts = [head, ...sps.flatMap(withLength), Buffer.from([pps.length]), ...pps.flatMap(withLength)];
  if (hasHighExtension(info.profileIdc)) {
    const depths = [0xf8 | (info.bitDepthLuma - 8), 0xf8 | (info.bitDepthChroma - 8)];
    parts.push(Buffer.from([0xfc | info.chromaFormat, ...depths, 0]));
  }
  return Buffer.concat(parts);
}

function withLength(nal: Buffer): Buffer[] {
  const length = Buffer.allocUnsafe(2);
  length.writeUInt16BE(nal.length);
  return [length, nal];
}

// ISO/IEC 14496-15 5.3.3.1.2: these profiles carry chroma format and bit depths in the record.
function hasHighExtension(profile: number): boolean {
  return profile === 100 || profile === 110 || profile === 122 || profile === 144 || profile === 244;
}

/** RFC 6381 3.3: `avc1.PPCCLL`, for example `avc1.64001f`. */
export function avcCodecString(config: Pick<AvcConfig, 'profile' | 'constraints' | 'level'>): string {
  return `avc1.${Buffer.from([config.profile, config.constraints, config.level]).toString('hex')}`;
}
