// Which simulcast slot each picture size goes into. Pure.

/** Encodings of the video producer: its SSRCs are fixed for life, so is their number. */
export const LAYER_SLOTS = 4;

/** Shorter side of the picture up to which a size belongs into slot 0, 1, 2; anything larger into 3. */
const SLOT_LIMITS = [360, 480, 720] as const;

/** Width and height of a rendition, pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The shorter side: what people name a size by (720p), upright pictures too. */
export function shortSide(size: PictureSize): number {
  return Math.min(size.width, size.height);
}

/**
 * A slot for each size, rising with the size. Sizes keep to the slot they would have alone as long as
 * there is room, so that rungs joining or leaving a usual ladder do not move the others. Of more than
 * four sizes the smallest and the three largest are taken; the others get undefined.
 */
export function assignSlots(sizes: readonly PictureSize[]): (number | undefined)[] {
  const order = sizes.map((size, index) => ({ size, index }));
  order.sort((a, b) => a.size.width * a.size.height - b.size.width * b.size.height);
  const kept = order.filter((_, rank) => rank === 0 || rank > order.length - LAYER_SLOTS);
  const slots: (number | undefined)[] = sizes.map(() => undefined);
  let next = 0;
  kept.forEach(({ size, index }, rank) => {
    const highest = LAYER_SLOTS - (kept.length - rank);
    const slot = Math.min(Math.max(wantedSlot(size), next), highest);
    slots[index] = slot;
    next = slot + 1;
  });
  return slots;
}

function wantedSlot(size: PictureSize): number {
  const found = SLOT_LIMITS.findIndex((limit) => shortSide(size) <= limit);
  return found < 0 ? LAYER_SLOTS - 1 : found;
}
