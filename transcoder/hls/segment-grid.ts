// Where segments begin: a grid of multiples of the target duration on the media clock, so that every
// rendition, and every restart, comes to the same answer without talking to the others. Pure.

/** Key frames this much before a line of the grid still belong to it: time stamps jitter. */
export const GRID_SLACK_US = 100_000;

/** The cell of the grid a moment lies in. */
export function gridCell(ptsUs: number, targetUs: number): number {
  return Math.floor((ptsUs + slackOf(targetUs)) / targetUs);
}

/**
 * Whether a segment that began at `startUs` ends before a key frame at `ptsUs`: it lies in a later cell,
 * or a whole target duration has passed (key frames that jitter around a line of the grid).
 */
export function isSegmentBoundary(startUs: number, ptsUs: number, targetUs: number): boolean {
  if (gridCell(ptsUs, targetUs) > gridCell(startUs, targetUs)) return true;
  return ptsUs - startUs >= targetUs - slackOf(targetUs);
}

// Small targets (tests, tuning) must not have a slack as long as themselves.
function slackOf(targetUs: number): number {
  return Math.min(GRID_SLACK_US, targetUs / 4);
}
