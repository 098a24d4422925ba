// The slope of a curve by least squares, with how sure it is. Neighbouring samples of memory resemble each other,
// so a fit over all of them would be far too sure: means of blocks are fitted instead. Pure.
import { studentQuantile } from '../../report/student-t.ts';

/** Enough for a fit, and long enough that what one block holds says little of the next. */
const BLOCKS = 12;

/** A slope in units of y for a unit of x. */
export interface Trend {
  readonly slope: number;
  /** Half the width of its 95% confidence interval; infinite with fewer than three blocks. */
  readonly margin: number;
}

/** Fits the points, which come in the order of x; undefined with fewer than two. */
export function fitTrend(points: readonly (readonly [number, number])[]): Trend | undefined {
  const means = blockMeans(points);
  if (means.length < 2) return undefined;
  const meanX = mean(means.map(([x]) => x));
  const meanY = mean(means.map(([, y]) => y));
  const spreadX = total(means.map(([x]) => (x - meanX) ** 2));
  if (spreadX === 0) return undefined;
  const slope = total(means.map(([x, y]) => (x - meanX) * (y - meanY))) / spreadX;
  const freedom = means.length - 2;
  if (freedom === 0) return { slope, margin: Number.POSITIVE_INFINITY };
  const residuals = total(means.map(([x, y]) => (y - meanY - slope * (x - meanX)) ** 2));
  const error = Math.sqrt(residuals / freedom / spreadX);
  return { slope, margin: studentQuantile(0.975, freedom) * error };
}

/** The second half of a curve: the first still fills caches and pools. */
export function secondHalf<T extends readonly [number, number]>(points: readonly T[]): readonly T[] {
  const first = points[0]?.[0] ?? 0;
  const middle = (first + (points.at(-1)?.[0] ?? 0)) / 2;
  return points.filter(([x]) => x >= middle);
}

function blockMeans(points: readonly (readonly [number, number])[]): [number, number][] {
  const blocks = Math.min(BLOCKS, points.length);
  return Array.from({ length: blocks }, (_, index) => {
    const from = Math.floor((index * points.length) / blocks);
    const block = points.slice(from, Math.floor(((index + 1) * points.length) / blocks));
    return [mean(block.map(([x]) => x)), mean(block.map(([, y]) => y))];
  });
}

function mean(values: readonly number[]): number {
  return total(values) / values.length;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
