// The AV1 sequence header: profile, level, size, rate and colour format.
import { BitReader } from './bit-reader.ts';

/** What a sequence header says (AV1 specification 5.5). */
export interface Av1Sequence {
  readonly profile: number;
  /** `seq_level_idx` of the first operating point. */
  readonly level: number;
  readonly tier: number;
  readonly bitDepth: number;
  readonly monochrome: boolean;
  readonly subsamplingX: number;
  readonly subsamplingY: number;
  readonly width: number;
  readonly height: number;
  /** Frames per second; 0 when not said. */
  readonly frameRate: number;
  /** Frame headers are cut short: every frame is a shown key frame. */
  readonly reducedHeader: boolean;
}

interface DecoderModel {
  readonly bufferDelayLength: number;
}

type Points = Pick<Av1Sequence, 'level' | 'tier' | 'frameRate'>;

/**
 * Parses the payload of a sequence header OBU.
 * @throws BarrageError `BAD_REQUEST` when it is cut off
 */
export function parseAv1Sequence(payload: Buffer): Av1Sequence {
  const reader = new BitReader(payload, 'AV1 sequence header');
  const profile = reader.read(3);
  reader.skip(1); // still_picture
  const reducedHeader = reader.flag();
  const points = reducedHeader
    ? { level: reader.read(5), tier: 0, frameRate: 0 }
    : readOperatingPoints(reader);
  const widthBits = reader.read(4) + 1;
  const heightBits = reader.read(4) + 1;
  const width = reader.read(widthBits) + 1;
  const height = reader.read(heightBits) + 1;
  if (!reducedHeader && reader.flag()) reader.skip(4 + 3); // frame id lengths
  reader.skip(3); // 128 superblocks, filter intra, intra edge filter
  if (!reducedHeader) skipTools(reader);
  reader.skip(3); // superres, cdef, restoration
  return { profile, ...points, width, height, reducedHeader, ...readColour(reader, profile) };
}

function readOperatingPoints(reader: BitReader): Points {
  const timing = reader.flag() ? readTiming(reader) : { frameRate: 0, model: undefined };
  const initialDelay = reader.flag();
  let level = 0;
  let tier = 0;
  const count = reader.read(5) + 1;
  for (let index = 0; index < count; index++) {
    reader.skip(12); // operating_point_idc
    const pointLevel = reader.read(5);
    const pointTier = pointLevel > 7 ? reader.read(1) : 0;
    if (timing.model && reader.flag()) reader.skip(2 * timing.model.bufferDelayLength + 1);
    if (initialDelay && reader.flag()) reader.skip(4);
    if (index === 0) [level, tier] = [pointLevel, pointTier];
  }
  return { level, tier, frameRate: timing.frameRate };
}

// 5.5.3 and 5.5.4
function readTiming(reader: BitReader): { frameRate: number; model: DecoderModel | undefined } {
  const unitsInTick = reader.read(32);
  const timeScale = reader.read(32);
  const equalInterval = reader.flag();
  const ticksPerPicture = equalInterval ? reader.ue() + 1 : 0;
  const rate = ticksPerPicture * unitsInTick === 0 ? 0 : timeScale / (unitsInTick * ticksPerPicture);
  const frameRate = rate > 1000 ? 0 : rate;
  if (!reader.flag()) return { frameRate, model: undefined };
  const bufferDelayLength = reader.read(5) + 1;
  reader.skip(32 + 5 + 5);
  return { frameRate, model: { bufferDelayLength } };
}

function skipTools(reader: BitReader): void {
  reader.skip(4); // interintra, masked, warped, dual filter
  const orderHint = reader.flag();
  if (orderHint) reader.skip(2); // jnt_comp, ref_frame_mvs
  const screenContent = reader.flag() ? 2 : reader.read(1);
  if (screenContent > 0 && !reader.flag()) reader.skip(1); // seq_force_integer_mv
  if (orderHint) reader.skip(3);
}

type Colour = Pick<Av1Sequence, 'bitDepth' | 'monochrome' | 'subsamplingX' | 'subsamplingY'>;

// 5.5.2
function readColour(reader: BitReader, profile: number): Colour {
  const high = reader.flag();
  const bitDepth = high ? (profile === 2 && reader.flag() ? 12 : 10) : 8;
  const monochrome = profile === 1 ? false : reader.flag();
  const described = reader.flag() ? reader.read(24) : 0;
  const depth = { bitDepth, monochrome };
  if (monochrome) return { ...depth, subsamplingX: 1, subsamplingY: 1 };
  const SRGB_IDENTITY = 0x010d00; // BT.709 primaries, sRGB transfer, identity matrix
  if (described === SRGB_IDENTITY) return { ...depth, subsamplingX: 0, subsamplingY: 0 };
  reader.skip(1); // color_range
  return { ...depth, ...readSubsampling(reader, profile, bitDepth) };
}

function readSubsampling(
  reader: BitReader,
  profile: number,
  bitDepth: number,
): Pick<Colour, 'subsamplingX' | 'subsamplingY'> {
  if (profile === 0) return { subsamplingX: 1, subsamplingY: 1 };
  if (profile === 1) return { subsamplingX: 0, subsamplingY: 0 };
  if (bitDepth !== 12) return { subsamplingX: 1, subsamplingY: 0 };
  const subsamplingX = reader.read(1);
  return { subsamplingX, subsamplingY: subsamplingX === 1 ? reader.read(1) : 0 };
}
