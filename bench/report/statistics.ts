// Means and confidence intervals over repeated runs. Few repetitions, so Student's t; two runs with spreads of
// their own, so Welch's. Pure.
import { studentCdf, studentQuantile } from './student-t.ts';

/** Confidence of every interval in a report. */
export const CONFIDENCE = 0.95;

/** A value with the interval that holds the true one with {@link CONFIDENCE}. */
export interface Estimate {
  readonly value: number;
  /** Undefined when there are too few repetitions to tell. */
  readonly interval: Interval | undefined;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How far two sets of values are apart. */
export interface Difference extends Estimate {
  /** How likely a difference this large is where there is none, from 0 to 1; undefined without an interval. */
  readonly pValue: number | undefined;
}

/** Arithmetic mean; NaN of none. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample variance (n - 1); NaN of fewer than two. */
export function varianceOf(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** Mean with Student's t interval; without one from a single value, or where one is NaN. */
export function estimateMean(values: readonly number[]): Estimate {
  const value = meanOf(values);
  if (values.length < 2 || Number.isNaN(value)) return { value, interval: undefined };
  const error = Math.sqrt(varianceOf(values) / values.length);
  return { value, interval: around(value, error, values.length - 1) };
}

/**
 * How much larger the mean of `to` is than that of `from`, with Welch's interval (B. L. Welch, "The
 * generalization of Student's problem when several different population variances are involved", 1947).
 * Without an interval when either has a single value.
 */
export function estimateDifference(from: readonly number[], to: readonly number[]): Difference {
  const value = meanOf(to) - meanOf(from);
  if (from.length < 2 || to.length < 2) return { value, interval: undefined, pValue: undefined };
  const [a, b] = [varianceOf(from) / from.length, varianceOf(to) / to.length];
  const error = Math.sqrt(a + b);
  if (error === 0) return { value, interval: { low: value, high: value }, pValue: value === 0 ? 1 : 0 };
  // Welch-Satterthwaite: between the smaller group's degrees of freedom and those of both together.
  const freedom = (a + b) ** 2 / (a ** 2 / (from.length - 1) + b ** 2 / (to.length - 1));
  const pValue = 2 * studentCdf(-Math.abs(value) / error, freedom);
  return { value, interval: around(value, error, freedom), pValue };
}

/**
 * How many times as large `to` is as `from`: the ratio of geometric means, with Welch's interval taken on
 * logarithms, where a ratio is a difference. Every value must be above 0.
 */
export function estimateRatio(from: readonly number[], to: readonly number[]): Difference {
  const { pValue, ...logarithm } = estimateDifference(from.map(Math.log), to.map(Math.log));
  return { ...mapEstimate(logarithm, Math.exp), pValue };
}

/** Geometric mean of ratios, with Student's t interval taken on logarithms. Every ratio must be above 0. */
export function estimateGeometricMean(ratios: readonly number[]): Estimate {
  return mapEstimate(estimateMean(ratios.map(Math.log)), Math.exp);
}

/**
 * Which of many differences are beyond noise when looked at together: of forty that are none, two lie outside
 * their own 95% interval. Holm's method (S. Holm, "A simple sequentially rejective multiple test procedure",
 * 1979): in all of them together an error with a chance of 5% at most. Returns the indices.
 */
export function beyondNoiseTogether(pValues: readonly number[]): ReadonlySet<number> {
  const ascending = pValues.map((pValue, index) => ({ pValue, index })).sort((a, b) => a.pValue - b.pValue);
  const firstKept = ascending.findIndex(
    ({ pValue }, rank) => pValue > (1 - CONFIDENCE) / (ascending.length - rank),
  );
  const found = firstKept === -1 ? ascending : ascending.slice(0, firstKept);
  return new Set(found.map(({ index }) => index));
}

/** An estimate of something that rises with what was estimated. */
export function mapEstimate({ value, interval }: Estimate, map: (value: number) => number): Estimate {
  return {
    value: map(value),
    interval: interval && { low: map(interval.low), high: map(interval.high) },
  };
}

function around(value: number, standardError: number, degreesOfFreedom: number): Interval {
  const reach = studentQuantile((1 + CONFIDENCE) / 2, degreesOfFreedom) * standardError;
  return { low: value - reach, high: value + reach };
}
