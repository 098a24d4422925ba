// A set of offsets as ranges: what a viewer got in an hour fits into a few numbers. Pure.

interface Range {
  from: number;
  to: number;
}

/** Offsets, kept as ascending ranges that neither touch nor overlap. */
export class OffsetRanges {
  #ranges: Range[] = [];

  get size(): number {
    return this.#ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  }

  /** The highest offset; 0 when there is none. */
  get last(): number {
    return this.#ranges.at(-1)?.to ?? 0;
  }

  has(offset: number): boolean {
    return this.#ranges.some(({ from, to }) => offset >= from && offset <= to);
  }

  /** Adds `from` to `to`, both included. */
  add(from: number, to: number = from): void {
    if (to < from) return;
    const end = this.#ranges.at(-1);
    // What comes in order, which is nearly everything, only moves the end.
    if (end && from > end.from && from <= end.to + 1) {
      end.to = Math.max(end.to, to);
      return;
    }
    const apart = this.#ranges.filter((range) => range.to < from - 1 || range.from > to + 1);
    const touching = this.#ranges.filter((range) => range.to >= from - 1 && range.from <= to + 1);
    const joined = {
      from: Math.min(from, ...touching.map((range) => range.from)),
      to: Math.max(to, ...touching.map((range) => range.to)),
    };
    this.#ranges = [...apart, joined].sort((a, b) => a.from - b.from);
  }

  /** Those of `wanted` above `floor`, and not above `ceiling`, that are not in here. */
  missingOf(wanted: OffsetRanges, floor: number, ceiling = Number.POSITIVE_INFINITY): OffsetRanges {
    const missing = new OffsetRanges();
    for (const range of wanted.#ranges) {
      const { from } = range;
      const to = Math.min(range.to, ceiling);
      let next = Math.max(from, floor + 1);
      for (const got of this.#ranges) {
        if (got.to < next) continue;
        if (got.from > to) break;
        missing.add(next, got.from - 1);
        next = got.to + 1;
      }
      missing.add(next, to);
    }
    return missing;
  }
}
