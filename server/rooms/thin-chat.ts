// Chat under overload: which of too many events are delivered, and what stands for the rest. Pure.

/** Outcome of {@link thinEvenly}. */
export interface Thinned<T> {
  readonly kept: readonly T[];
  readonly dropped: readonly T[];
}

/** Keeps `max` of the items, evenly spread and in order, so that no sender is favoured by coming first. */
export function thinEvenly<T>(items: readonly T[], max: number): Thinned<T> {
  if (items.length <= max) return { kept: items, dropped: [] };
  const kept: T[] = [];
  const dropped: T[] = [];
  items.forEach((item, index) => {
    const isKept = Math.floor(((index + 1) * max) / items.length) > Math.floor((index * max) / items.length);
    (isKept ? kept : dropped).push(item);
  });
  return { kept, dropped };
}
