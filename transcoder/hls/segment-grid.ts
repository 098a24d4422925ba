// Where segments begin: a grid of multiples of the target duration on the media clock, so that every
// rendition, and every restart, comes to the same answer without talking to the others. Pure.

/** The grid as one kind of track sees it, in microseconds of the media clock. */
export interface SegmentGrid {
  readonly targetUs: number;
  /** A key frame this much before a line belongs to the cell behind it: time stamps jitter. */
  readonly slackUs: number;
  /** And this much earlier still, once the cell before has a segment: slack needs an edge that is not sharp. */
  readonly jitterUs: number;
}

/** The grid for video: key frames are where they are. */
export function videoGrid(targetUs: number): SegmentGrid {
  // Small targets must not have a slack as long as themselves.
  const slackUs = Math.min(100_000, targetUs / 8);
  return { targetUs, slackUs, jitterUs: slackUs / 10 };
}

/** The grid for audio: any frame will do, so the lines are exact. */
export function audioGrid(targetUs: number): SegmentGrid {
  return { targetUs, slackUs: 0, jitterUs: 0 };
}

/** The cell of the grid a moment lies in. */
export function gridCell(ptsUs: number, grid: SegmentGrid): number {
  return Math.floor((ptsUs + grid.slackUs) / grid.targetUs);
}

/** The segment that is open: its cell and its first key frame. */
export interface OpenCell {
  readonly cell: number;
  readonly startUs: number;
}

/**
 * The cell of a segment that would begin with a key frame at `ptsUs`, or undefined when the key frame
 * belongs to the segment that is open.
 */
export function cellToBegin(
  ptsUs: number,
  open: OpenCell | undefined,
  grid: SegmentGrid,
): number | undefined {
  const cell = gridCell(ptsUs, grid);
  if (!open) return cell;
  const lineUs = (open.cell + 1) * grid.targetUs - grid.slackUs;
  // Key frames that jitter across the very edge: a full segment and nearly there is enough.
  const full = ptsUs - open.startUs >= grid.targetUs - grid.jitterUs;
  const earlyUs = full ? grid.slackUs : grid.jitterUs;
  return ptsUs < lineUs - earlyUs ? undefined : Math.max(cell, open.cell + 1);
}
