// Picture sizes of the ladder: rungs are named after the short side, so portrait pictures of phones get
// the same ladder as landscape ones. Pure.

/** Width and height in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The shorter side: what "720p" means. */
export function shortSide({ width, height }: PictureSize): number {
  return Math.min(width, height);
}

/** `size` scaled so that its short side is `target`, never up, both sides even, the aspect ratio kept. */
export function fitShortSide(size: PictureSize, target: number): PictureSize {
  const scale = Math.min(1, target / shortSide(size));
  return { width: toEven(size.width * scale), height: toEven(size.height * scale) };
}

// 4:2:0 has one colour sample for two pixels each way. Whole sizes round down, so that nothing is scaled up.
function toEven(pixels: number): number {
  const rounded = Number.isInteger(pixels) ? Math.floor(pixels / 2) : Math.round(pixels / 2);
  return Math.max(2, rounded * 2);
}
