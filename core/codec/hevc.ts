// HEVC: the decoder configuration record, picture size from the SPS, and the codec string.
import { BarrageError } from '../errors.ts';
import { BitReader } from './bit-reader.ts';
import { unescapeNal } from './nal.ts';

/** `nal_unit_type` values of ITU-T H.265 table 7-1 that the server looks at. */
export const HEVC_NAL = { vps: 32, sps: 33, pps: 34, aud: 35, prefixSei: 39 } as const;

/** Profile, tier and level (ITU-T H.265 7.3.3). */
export interface HevcProfile {
  readonly profileSpace: number;
  readonly tier: number;
  readonly profile: number;
  readonly compatibility: number;
  /** The six constraint bytes. */
  readonly constraints: Buffer;
  readonly level: number;
}

/** An HEVCDecoderConfigurationRecord taken apart (ISO/IEC 14496-15 8.3.3.1). */
export interface HevcConfig extends HevcProfile {
  /** Frames per second; 0 when the record does not say. */
  readonly frameRate: number;
  readonly vps: readonly Buffer[];
  readonly sps: readonly Buffer[];
  readonly pps: readonly Buffer[];
  readonly nalLengthSize: number;
}

/** Picture size and reordering of an HEVC SPS. */
export interface HevcSpsInfo extends HevcProfile {
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  readonly width: number;
  readonly height: number;
  readonly maxNumReorderFrames: number;
}

const MAX_DIMENSION = 16_384;

/** Type of an HEVC NAL unit. */
export function hevcNalType(nal: Buffer): number {
  return ((nal[0] ?? 0) >> 1) & 0x3f;
}

/** Whether a NAL type starts a random access picture (BLA, IDR, CRA: 16 to 23). */
export function isHevcKeyNal(type: number): boolean {
  return type >= 16 && type <= 23;
}

/**
 * Parses an hvcC record.
 * @throws BarrageError `BAD_REQUEST` when it is cut off or lacks an SPS or a PPS
 */
export function parseHevcConfig(record: Buffer): HevcConfig {
  const reader = new BitReader(record, 'hvcC');
  const version = reader.read(8);
  // Version 0 was written by encoders that followed a draft; the layout is the same.
  if (version > 1) throw new BarrageError('BAD_REQUEST', `hvcC: version ${version}, expected 1`);
  const profile = readProfile(reader);
  reader.skip(16 + 8 + 8 + 8 + 8); // segmentation, parallelism, chroma format, bit depths
  const frameRate = reader.read(16) / 256;
  reader.skip(6);
  const nalLengthSize = reader.read(2) + 1;
  const sets = new Map<number, Buffer[]>();
  for (let arrays = reader.read(8); arrays > 0; arrays--) {
    reader.skip(2);
    const type = reader.read(6);
    const found = sets.get(type) ?? [];
    for (let count = reader.read(16); count > 0; count--) found.push(reader.bytes(reader.read(16)));
    sets.set(type, found);
  }
  const [vps, sps, pps] = [HEVC_NAL.vps, HEVC_NAL.sps, HEVC_NAL.pps].map((type) => sets.get(type) ?? []);
  if (!vps || !sps?.length || !pps?.length) throw new BarrageError('BAD_REQUEST', 'hvcC: no SPS or no PPS');
  return { ...profile, frameRate, vps, sps, pps, nalLengthSize };
}

function readProfile(reader: BitReader): HevcProfile {
  return {
    profileSpace: reader.read(2),
    tier: reader.read(1),
    profile: reader.read(5),
    compatibility: reader.read(32),
    constraints: reader.bytes(6),
    level: reader.read(8),
  };
}

/**
 * Parses an HEVC SPS NAL unit up to the reordering bounds (ITU-T H.265 7.3.2.2).
 * @throws BarrageError `BAD_REQUEST` when it is no SPS, cut off, or has an impossible value
 */
export function parseHevcSps(nal: Buffer): HevcSpsInfo {
  if (hevcNalType(nal) !== HEVC_NAL.sps) {
    throw new BarrageError('BAD_REQUEST', `HEVC SPS: NAL type ${hevcNalType(nal)}, expected 33`);
  }
  const reader = new BitReader(unescapeNal(nal), 'HEVC SPS');
  reader.skip(16 + 4);
  const maxSubLayers = reader.read(3) + 1;
  reader.skip(1); // sps_temporal_id_nesting_flag
  const profile = readProfile(reader);
  skipSubLayers(reader, maxSubLayers);
  reader.ue(); // sps_seq_parameter_set_id
  const size = readSize(reader);
  const bitDepthLuma = 8 + reader.ue();
  const bitDepthChroma = 8 + reader.ue();
  reader.ue(); // log2_max_pic_order_cnt_lsb_minus4
  const listed = reader.flag() ? maxSubLayers : 1;
  let maxNumReorderFrames = 0;
  for (let layer = 0; layer < listed; layer++) {
    reader.ue(); // sps_max_dec_pic_buffering_minus1
    maxNumReorderFrames = reader.ue();
    reader.ue(); // sps_max_latency_increase_plus1
  }
  return { ...profile, ...size, bitDepthLuma, bitDepthChroma, maxNumReorderFrames };
}

// 7.3.3: presence flags, padding, then 88 bits of profile and 8 of level for each sub-layer.
function skipSubLayers(reader: BitReader, maxSubLayers: number): void {
  if (maxSubLayers === 1) return;
  let bits = 0;
  for (let layer = 0; layer < 8; layer++) {
    const profilePresent = reader.flag();
    const levelPresent = reader.flag();
    if (layer < maxSubLayers - 1) bits += (profilePresent ? 88 : 0) + (levelPresent ? 8 : 0);
  }
  reader.skip(bits);
}

function readSize(reader: BitReader): Pick<HevcSpsInfo, 'chromaFormat' | 'width' | 'height'> {
  const chromaFormat = reader.ue();
  if (chromaFormat > 3) throw new BarrageError('BAD_REQUEST', `HEVC SPS: chroma format ${chromaFormat}`);
  if (chromaFormat === 3) reader.skip(1); // separate_colour_plane_flag
  let width = reader.ue();
  let height = reader.ue();
  if (reader.flag()) {
    width -= (reader.ue() + reader.ue()) * (chromaFormat === 1 || chromaFormat === 2 ? 2 : 1);
    height -= (reader.ue() + reader.ue()) * (chromaFormat === 1 ? 2 : 1);
  }
  if (width < 1 || height < 1 || width > MAX_DIMENSION || height > MAX_DIMENSION) {
    throw new BarrageError('BAD_REQUEST', `HEVC SPS: picture of ${width}x${height}`);
  }
  return { chromaFormat, width, height };
}

/**
 * Builds an hvcC record with 4-byte NAL lengths from parameter sets.
 * @throws BarrageError `BAD_REQUEST` when the SPS cannot be parsed
 */
export function buildHevcConfig(vps: Buffer, sps: Buffer, pps: Buffer): Buffer {
  const info = parseHevcSps(sps);
  const head = Buffer.alloc(23);
  head[0] = 1;
  head[1] = (info.profileSpace << 6) | (info.tier << 5) | info.profile;
  head.writeUInt32BE(info.compatibility, 2);
  info.constraints.copy(head, 6);
  head[12] = info.level;
  head.writeUInt16BE(0xf000, 13);
  head[15] = 0xfc;
  head[16] = 0xfc | info.chromaFormat;
  head[17] = 0xf8 | ((info.bitDepthLuma - 8) & 7);
  head[18] = 0xf8 | ((info.bitDepthChroma - 8) & 7);
  head[21] = (1 << 3) | 3; // one temporal layer, 4-byte lengths
  head[22] = 3;
  const arrays = [vps, sps, pps].flatMap((nal) => {
    const prefix = Buffer.from([0x80 | hevcNalType(nal), 0, 1, 0, 0]);
    prefix.writeUInt16BE(nal.length, 3);
    return [prefix, nal];
  });
  return Buffer.concat([head, ...arrays]);
}

/** ISO/IEC 14496-15 annex E.3: for example `hvc1.1.6.L93.B0`. */
export function hevcCodecString(config: HevcProfile): string {
  const space = ['', 'A', 'B', 'C'][config.profileSpace] ?? '';
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((config.compatibility >>> bit) & 1);
  let used = config.constraints.length;
  while (used > 0 && config.constraints[used - 1] === 0) used--;
  const constraints = [...config.constraints.subarray(0, used)].map((byte) => `.${hex(byte)}`).join('');
  const tier = config.tier === 1 ? 'H' : 'L';
  return `hvc1.${space}${config.profile}.${hex(reversed)}.${tier}${config.level}${constraints}`;
}

function hex(value: number): string {
  return value.toString(16).toUpperCase();
}
