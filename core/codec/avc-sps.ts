// The H.264 sequence parameter set, as far as a server wants to know: size, rate, profile, reordering.
import { BarrageError } from '../errors.ts';
import { BitReader } from './bit-reader.ts';
import { unescapeNal } from './nal.ts';

/** What an SPS says (ITU-T H.264 7.3.2.1.1 and E.1.1). */
export interface SpsInfo {
  readonly profileIdc: number;
  readonly constraints: number;
  readonly levelIdc: number;
  readonly id: number;
  /** 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormat: number;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  /** Picture size in pixels, after cropping. */
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  /** Frames per second from the VUI; 0 when it does not say. */
  readonly frameRate: number;
  /** Pictures that may come out of order (0 means no B-frames); undefined when the VUI does not say. */
  readonly maxNumReorderFrames: number | undefined;
}

// Profiles with chroma format, bit depths and scaling matrices (7.3.2.1.1).
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const MAX_DIMENSION = 16_384;

interface Vui {
  readonly frameRate: number;
  readonly maxNumReorderFrames: number | undefined;
}

/**
 * Parses an SPS NAL unit (header byte included, emulation prevention still in).
 * @throws BarrageError `BAD_REQUEST` when it is no SPS, cut off, or has an impossible value
 */
export function parseSps(nal: Buffer): SpsInfo {
  const reader = new BitReader(unescapeNal(nal), 'SPS');
  const type = reader.read(8) & 0x1f;
  if (type !== 7) throw new BarrageError('BAD_REQUEST', `SPS: NAL type ${type}, expected 7`);
  const profileIdc = reader.read(8);
  const constraints = reader.read(8);
  const levelIdc = reader.read(8);
  const id = reader.ue();
  const chroma = readChroma(reader, profileIdc);
  readOrderCount(reader);
  reader.ue(); // max_num_ref_frames
  reader.skip(1); // gaps_in_frame_num_value_allowed_flag
  const size = readSize(reader, chroma);
  const vui = reader.flag() ? readVui(reader) : { frameRate: 0, maxNumReorderFrames: undefined };
  return { profileIdc, constraints, levelIdc, id, ...chroma, ...size, ...vui };
}

type Chroma = Pick<SpsInfo, 'chromaFormat' | 'bitDepthLuma' | 'bitDepthChroma'>;

function readChroma(reader: BitReader, profileIdc: number): Chroma {
  if (!HIGH_PROFILES.has(profileIdc)) return { chromaFormat: 1, bitDepthLuma: 8, bitDepthChroma: 8 };
  const chromaFormat = reader.ue();
  if (chromaFormat > 3) throw new BarrageError('BAD_REQUEST', `SPS: chroma format ${chromaFormat}`);
  if (chromaFormat === 3) reader.skip(1); // separate_colour_plane_flag
  const bitDepthLuma = 8 + reader.ue();
  const bitDepthChroma = 8 + reader.ue();
  if (Math.max(bitDepthLuma, bitDepthChroma) > 14) throw new BarrageError('BAD_REQUEST', 'SPS: bit depth');
  reader.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8);
  return { chromaFormat, bitDepthLuma, bitDepthChroma };
}

function skipScalingLists(reader: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
  }
}

// 7.3.2.1.1.1
function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let index = 0; index < size; index++) {
    if (next !== 0) next = (last + reader.se() + 256) & 0xff;
    if (next !== 0) last = next;
  }
}

function readOrderCount(reader: BitReader): void {
  reader.ue(); // log2_max_frame_num_minus4
  const type = reader.ue();
  if (type > 2) throw new BarrageError('BAD_REQUEST', `SPS: pic_order_cnt_type ${type}`);
  if (type === 0) reader.ue(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  reader.skip(1); // delta_pic_order_always_zero_flag
  reader.se(); // offset_for_non_ref_pic
  reader.se(); // offset_for_top_to_bottom_field
  const cycle = reader.ue();
  if (cycle > 255) throw new BarrageError('BAD_REQUEST', `SPS: order count cycle of ${cycle}`);
  for (let left = cycle; left > 0; left--) reader.se();
}

function readSize(reader: BitReader, chroma: Chroma): Pick<SpsInfo, 'width' | 'height' | 'interlaced'> {
  const mbWidth = reader.ue() + 1;
  const mapHeight = reader.ue() + 1;
  const interlaced = !reader.flag();
  if (interlaced) reader.skip(1); // mb_adaptive_frame_field_flag
  reader.skip(1); // direct_8x8_inference_flag
  const fields = interlaced ? 2 : 1;
  let width = mbWidth * 16;
  let height = mapHeight * 16 * fields;
  if (reader.flag()) {
    const unitX = chroma.chromaFormat === 1 || chroma.chromaFormat === 2 ? 2 : 1;
    const unitY = (chroma.chromaFormat === 1 ? 2 : 1) * fields;
    width -= (reader.ue() + reader.ue()) * unitX;
    height -= (reader.ue() + reader.ue()) * unitY;
  }
  if (width < 1 || height < 1 || width > MAX_DIMENSION || height > MAX_DIMENSION) {
    throw new BarrageError('BAD_REQUEST', `SPS: picture of ${width}x${height}`);
  }
  return { width, height, interlaced };
}

// E.1.1. Encoders in the field cut the VUI short; a picture size without a frame rate is still good.
function readVui(reader: BitReader): Vui {
  let frameRate = 0;
  try {
    skipVuiHead(reader);
    if (reader.flag()) frameRate = readTiming(reader);
    return { frameRate, maxNumReorderFrames: readReordering(reader) };
  } catch (error) {
    if (!(error instanceof BarrageError)) throw error;
    return { frameRate, maxNumReorderFrames: undefined };
  }
}

function skipVuiHead(reader: BitReader): void {
  if (reader.flag() && reader.read(8) === 255) reader.skip(32); // Extended_SAR
  if (reader.flag()) reader.skip(1); // overscan_appropriate_flag
  if (reader.flag()) {
    reader.skip(4); // video_format, video_full_range_flag
    if (reader.flag()) reader.skip(24); // colour description
  }
  if (reader.flag()) {
    reader.ue(); // chroma_sample_loc_type_top_field
    reader.ue();
  }
}

function readTiming(reader: BitReader): number {
  const unitsInTick = reader.read(32);
  const timeScale = reader.read(32);
  reader.skip(1); // fixed_frame_rate_flag
  // A tick is a field: two to a frame (E.2.1).
  const rate = unitsInTick === 0 ? 0 : timeScale / (2 * unitsInTick);
  return rate > 1000 ? 0 : rate;
}

function readReordering(reader: BitReader): number | undefined {
  const nalHrd = reader.flag();
  if (nalHrd) skipHrd(reader);
  const vclHrd = reader.flag();
  if (vclHrd) skipHrd(reader);
  if (nalHrd || vclHrd) reader.skip(1); // low_delay_hrd_flag
  reader.skip(1); // pic_struct_present_flag
  if (!reader.flag()) return undefined;
  reader.skip(1); // motion_vectors_over_pic_boundaries_flag
  for (let left = 4; left > 0; left--) reader.ue(); // bytes and bits per picture, vector lengths
  return reader.ue();
}

// E.1.2
function skipHrd(reader: BitReader): void {
  const count = reader.ue() + 1;
  if (count > 32) throw new BarrageError('BAD_REQUEST', `SPS: cpb_cnt ${count}`);
  reader.skip(8);
  for (let left = count; left > 0; left--) {
    reader.ue();
    reader.ue();
    reader.skip(1);
  }
  reader.skip(20);
}
