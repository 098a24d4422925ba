// Summaries of measured values: percentiles, and a plot in plain text. Keeps every sample; meant for the
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

/** A Markdown table row of the columns {@link DISTRIBUTION_COLUMNS}. */
export function distributionCells(distribution: Distribution): string[] {
  const { count, min, mean, p50, p90, p95, p99, max } = distribution;
  return [String(count), ...[min, mean, p50, p90, p95, p99, max].map(formatNumber)];
}

export const DISTRIBUTION_COLUMNS = ['n', 'min', 'mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const;

function formatNumber(value: number): string {
  return Number.isNaN(value) ? '-' : String(Math.round(value));
}

/** Bars over equal bins between the smallest and largest sample, for a terminal or a fenced block. */
export function plotHistogram(samples: readonly number[], bins = 12): string {
  if (samples.length === 0) return '(no samples)';
  const { min, max } = summarize(samples);
  const width = Math.max((max - min) / bins, 1e-9);
  const counts = new Array<number>(bins).fill(0);
  for (const sample of samples) {
    const bin = Math.min(bins - 1, Math.floor((sample - min) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const tallest = Math.max(...counts);
  return counts
    .map((count, bin) => {
      const label = `${Math.round(min + bin * width)}`.padStart(7);
      return `${label} | ${'#'.repeat(Math.round((count / tallest) * 50)).padEnd(50)} ${count}`;
    })
    .join('\n');
}
