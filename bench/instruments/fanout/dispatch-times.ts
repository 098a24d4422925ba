// How long the server says it took from a command's frame to its reply: the buckets of its own histogram.
import { figureOf, type Measurement } from '../../measurement.ts';
import { ServerMetrics } from '../server-metrics.ts';

const NAME = 'barrage_command_seconds_bucket';

interface Bucket {
  /** Upper bound, microseconds. */
  readonly upToUs: number;
  /** Commands that took at most this long. */
  readonly count: number;
}

/** Cumulated counts by upper bound. */
export class DispatchTimes {
  readonly #buckets: readonly Bucket[];

  constructor(buckets: readonly Bucket[]) {
    this.#buckets = buckets;
  }

  /** Scrapes the histogram of one method. */
  static async read(origin: string, method: string): Promise<DispatchTimes> {
    const metrics = await ServerMetrics.scrape(origin);
    const ours = metrics.labelled(NAME).filter(({ labels }) => labels.includes(`method="${method}"`));
    return new DispatchTimes(
      ours.map(({ labels, value }) => ({ upToUs: readBound(labels) * 1e6, count: value })),
    );
  }

  /** What came after an earlier reading. */
  since(earlier: DispatchTimes | undefined): DispatchTimes {
    const before = new Map((earlier ? earlier.#buckets : []).map(({ upToUs, count }) => [upToUs, count]));
    return new DispatchTimes(
      this.#buckets.map(({ upToUs, count }) => ({ upToUs, count: count - (before.get(upToUs) ?? 0) })),
    );
  }

  /** The time within which `share` of the commands were answered, us; interpolated within its bucket. */
  quantile(share: number): number {
    const wanted = (this.#buckets.at(-1)?.count ?? 0) * share;
    if (wanted === 0) return Number.NaN;
    let [lowerUs, below] = [0, 0];
    for (const { upToUs, count } of this.#buckets) {
      if (count >= wanted && Number.isFinite(upToUs))
        return lowerUs + ((upToUs - lowerUs) * (wanted - below)) / (count - below);
      [lowerUs, below] = [upToUs, count];
    }
    return Number.POSITIVE_INFINITY;
  }

  get measurements(): readonly Measurement[] {
    return [50, 99].flatMap((percent) => {
      const value = this.quantile(percent / 100) / 1000;
      const title = `dispatch inside the server, from frame to reply, p${percent}`;
      return Number.isFinite(value)
        ? [figureOf({ key: `dispatch-p${percent}`, title, unit: 'ms', better: 'lower', value })]
        : [];
    });
  }
}

function readBound(labels: string): number {
  const bound = /le="([^"]+)"/.exec(labels)?.[1];
  return bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
}
