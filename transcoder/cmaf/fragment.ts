// A CMAF chunk: one moof with one track run, and its mdat. Pure: units in, bytes out.
import { ascii, box, fullBox, u32, u64 } from './boxes.ts';

/** A unit in the ticks of its track's timescale. `pts` and `dts` differ where frames are reordered. */
export interface FragmentUnit {
  readonly pts: number;
  readonly dts: number;
  readonly duration: number;
  readonly key: boolean;
  readonly data: Buffer;
}

/** What {@link buildFragment} needs; `units` in decode order, at least one. */
export interface FragmentOptions {
  readonly sequenceNumber: number;
  readonly trackId: number;
  readonly units: readonly FragmentUnit[];
}

const TFHD_DEFAULT_BASE_IS_MOOF = 0x020000;
const TFHD_DEFAULT_FLAGS = 0x000020;
const TRUN_DATA_OFFSET = 0x000001;
const TRUN_DURATIONS = 0x000100;
const TRUN_SIZES = 0x000200;
const TRUN_FLAGS = 0x000400;
const TRUN_OFFSETS = 0x000800;

/** sample_depends_on = 2: depends on no other (14496-12, 8.8.3.1). */
const SYNC_SAMPLE = 0x02000000;
/** sample_depends_on = 1 and sample_is_non_sync_sample. */
const DEPENDENT_SAMPLE = 0x01010000;

/**
 * moof and mdat of some units of one track (ISO/IEC 14496-12, 8.8): default-base-is-moof, a 64-bit
 * decode time, signed composition offsets. The first unit's `dts` is the fragment's decode time; later
 * ones follow from the durations.
 */
export function buildFragment({ sequenceNumber, trackId, units }: FragmentOptions): Buffer {
  const first = units[0];
  if (!first) throw new RangeError('a fragment needs at least one unit');
  const mfhd = fullBox('mfhd', [0, 0], u32(sequenceNumber % 0x100000000));
  const tfhd = fullBox(
    'tfhd',
    [0, TFHD_DEFAULT_BASE_IS_MOOF | TFHD_DEFAULT_FLAGS],
    u32(trackId, SYNC_SAMPLE),
  );
  const tfdt = fullBox('tfdt', [1, 0], u64(first.dts));
  const trun = buildTrun(units);
  const moof = box('moof', mfhd, box('traf', tfhd, tfdt, trun.bytes));
  // Data offset counts from the start of moof; trun is the last box in it.
  moof.writeInt32BE(moof.length + 8, moof.length - trun.bytes.length + trun.dataOffsetAt);
  const data = units.map((unit) => unit.data);
  const dataBytes = data.reduce((sum, each) => sum + each.length, 0);
  return joinUnpooled([moof, u32(8 + dataBytes), ascii('mdat'), ...data]);
}

/**
 * Like Buffer.concat, but never from Node's pool: fragments are kept for a while, and a short one would keep 64 KB
 * of the pool with it, which it shares with what is gone in a moment (Node 24). Media is copied once only.
 */
function joinUnpooled(parts: readonly Buffer[]): Buffer {
  const joined = Buffer.allocUnsafeSlow(parts.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(joined, at);
  return joined;
}

function buildTrun(units: readonly FragmentUnit[]): { bytes: Buffer; dataOffsetAt: number } {
  const withFlags = units.some((unit) => !unit.key);
  const withOffsets = units.some((unit) => unit.pts !== unit.dts);
  const fields = 2 + (withFlags ? 1 : 0) + (withOffsets ? 1 : 0);
  const table = Buffer.allocUnsafe(8 + units.length * fields * 4);
  table.writeUInt32BE(units.length, 0);
  table.writeInt32BE(0, 4);
  let at = 8;
  for (const unit of units) {
    at = table.writeUInt32BE(unit.duration, at);
    at = table.writeUInt32BE(unit.data.length, at);
    if (withFlags) at = table.writeUInt32BE(unit.key ? SYNC_SAMPLE : DEPENDENT_SAMPLE, at);
    if (withOffsets) at = table.writeInt32BE(unit.pts - unit.dts, at);
  }
  const flags =
    TRUN_DATA_OFFSET |
    TRUN_DURATIONS |
    TRUN_SIZES |
    (withFlags ? TRUN_FLAGS : 0) |
    (withOffsets ? TRUN_OFFSETS : 0);
  return { bytes: fullBox('trun', [1, flags], table), dataOffsetAt: 16 };
}
