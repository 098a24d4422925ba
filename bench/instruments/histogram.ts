// Summaries of measured values: percentiles, and a line of text. Keeps every sample; meant for the
// thousands a latency run makes, not for millions.

/** Percentiles of a set of samples, in the samples' unit; every value NaN when there are none. */
export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Summarises samples; percentiles are nearest rank (the smallest sample with that share at or below it). */
export function summarize(samples: readonly number[]): Distribution {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return {
    count: sorted.length,
    min: rank(0),
    mean: sorted.length === 0 ? Number.NaN : sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p50: rank(0.5),
    p90: rank(0.9),
    p95: rank(0.95),
    p99: rank(0.99),
    max: rank(1),
  };
}

/** One line: `n=900  min 212  mean 240  p50 238 ...`, rounded to whole units. */
export function formatDistribution(distribution: Distribution, unit = 'ms'): string {
  const { count, ...rest } = distribution;
  const values = Object.entries(rest).map(([name, value]) => `${name} ${formatNumber(value)}`);
  return `n=${count}  ${values.join('  ')}  ${unit}`;
}

function formatNumber(value: number): string {
  return Number.isNaN(value) ? '-' : String(Math.round(value));
}
