// How long things took, counted in buckets by label: cheap to count, read out by metrics.ts.

/** Upper bounds of the buckets, microseconds; longer counts beyond the last. */
const BOUNDS_US = [5, 10, 15, 20, 30, 40, 50, 75, 100, 150, 250, 500, 1000, 2500, 10_000, 100_000, 1_000_000];

/** What is read of one label: counts at or below each bound, of all, and the sum. Times in seconds. */
export interface DurationCounts {
  readonly label: string;
  readonly buckets: readonly { readonly upToS: number; readonly count: number }[];
  readonly count: number;
  readonly sumS: number;
}

interface Durations {
  readonly counts: number[];
  sumMs: number;
}

/** Durations under a label. Labels come from a fixed set, so their number is bounded. */
export class LabelledDurations {
  readonly #byLabel = new Map<string, Durations>();

  add(label: string, ms: number): void {
    let durations = this.#byLabel.get(label);
    if (!durations) {
      durations = { counts: new Array<number>(BOUNDS_US.length + 1).fill(0), sumMs: 0 };
      this.#byLabel.set(label, durations);
    }
    let index = 0;
    while (ms * 1000 > (BOUNDS_US[index] ?? Number.POSITIVE_INFINITY)) index++;
    durations.counts[index] = (durations.counts[index] ?? 0) + 1;
    durations.sumMs += ms;
  }

  entries(): DurationCounts[] {
    return Array.from(this.#byLabel, ([label, { counts, sumMs }]) => {
      let count = 0;
      const buckets = BOUNDS_US.map((us, index) => {
        count += counts[index] ?? 0;
        return { upToS: us / 1e6, count };
      });
      return { label, buckets, count: count + (counts.at(-1) ?? 0), sumS: sumMs / 1000 };
    });
  }
}
