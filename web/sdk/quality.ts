// Picture qualities as a viewer chooses them, whatever the transport calls them. Pure.

/** A quality on offer: a simulcast layer or an HLS variant; `index` is the transport's own. */
export interface Level {
  readonly index: number;
  /** For example `720p`. */
  readonly name: string;
  readonly height: number;
}

/** What the viewer wants. Heights, not indices, so that a choice outlives a change of transport or ladder. */
export type QualityChoice = { readonly kind: 'auto' } | { readonly kind: 'height'; readonly height: number };

/** The level that comes closest to the choice without exceeding it, else the lowest; null for automatic. */
export function pickLevel(levels: readonly Level[], choice: QualityChoice): number | null {
  if (choice.kind === 'auto' || levels.length === 0) return null;
  const byHeight = levels.toSorted((a, b) => b.height - a.height);
  const fitting = byHeight.find((level) => level.height <= choice.height);
  return (fitting ?? byHeight.at(-1))?.index ?? null;
}
