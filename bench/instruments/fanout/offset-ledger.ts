// Which offsets one viewer has seen: holes, what came late into them, what came twice. Order does not matter, so
// that it serves unordered channels too. In order and without holes it costs a comparison a frame.

/** A run of offsets in one frame, both included; `count` of them are in it, the rest was left out. */
export interface OffsetRun {
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** Counts what one viewer misses. */
export class OffsetLedger {
  #highest = 0;
  #skippedInside = 0;
  #claimed = 0;
  #doubled = 0;
  /** Ranges not seen yet below the highest, by their first offset. */
  readonly #holes = new Map<number, number>();

  /** The highest offset seen. */
  get highest(): number {
    return this.#highest;
  }

  /** Offsets seen more than once. */
  get doubled(): number {
    return this.#doubled;
  }

  /** Events that gap events say were left out. */
  get claimed(): number {
    return this.#claimed;
  }

  /** Offsets up to `offset` that neither came nor were said to be left out. */
  missingUpTo(offset: number): number {
    let open = Math.max(0, offset - this.#highest) + this.#skippedInside;
    for (const [first, last] of this.#holes) open += last - first + 1;
    return Math.max(0, open - this.#claimed);
  }

  /** Starts anew: everything up to `offset` counts as seen. */
  reset(offset: number): void {
    this.#highest = offset;
    this.#skippedInside = 0;
    this.#claimed = 0;
    this.#doubled = 0;
    this.#holes.clear();
  }

  /** Notes the events of a frame. */
  add({ first, last, count }: OffsetRun): void {
    if (first > this.#highest) {
      if (first > this.#highest + 1) this.#holes.set(this.#highest + 1, first - 1);
      this.#highest = last;
      this.#skippedInside += last - first + 1 - count;
    } else this.#fill(first, last, count);
  }

  /** Notes a gap event. */
  claim(dropped: number): void {
    this.#claimed += dropped;
  }

  #fill(first: number, last: number, count: number): void {
    for (const [from, to] of this.#holes) {
      if (first < from || last > to) continue;
      this.#holes.delete(from);
      if (first > from) this.#holes.set(from, first - 1);
      if (last < to) this.#holes.set(last + 1, to);
      this.#skippedInside += last - first + 1 - count;
      return;
    }
    this.#doubled += count;
  }
}
