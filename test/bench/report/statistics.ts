// Intervals of small samples against values worked out by hand and in the literature.
import t from 'tap';
import {
  beyondNoiseTogether,
  type Estimate,
  estimateDifference,
  estimateGeometricMean,
  estimateMean,
  estimateRatio,
  varianceOf,
} from '../../../bench/report/statistics.ts';

function isNear(
  t: { ok(value: boolean, message: string): boolean },
  found: Estimate,
  expected: readonly [value: number, low: number, high: number],
) {
  const values = [found.value, found.interval?.low ?? Number.NaN, found.interval?.high ?? Number.NaN];
  values.forEach((value, i) => {
    t.ok(Math.abs(value - (expected[i] ?? 0)) < 0.001, `${value} is near ${expected[i]}`);
  });
}

t.test('a mean has the interval of Student', async (t) => {
  t.equal(varianceOf([2, 4, 6]), 4);
  // 4 +- 4.3027 * 2 / sqrt(3)
  isNear(t, estimateMean([2, 4, 6]), [4, -0.968, 8.968]);
});

t.test('a difference has the interval of Welch', async (t) => {
  // Variances 1 and 4 of three each: error sqrt(5/3), (5/3)^2 / ((1/3)^2/2 + (4/3)^2/2) = 2.941 degrees.
  const found = estimateDifference([1, 2, 3], [8, 10, 12]);
  isNear(t, found, [8, 3.8449, 12.1551]);
  // As scipy.stats.ttest_ind(equal_var=False) has it.
  t.ok(Math.abs((found.pValue ?? 0) - 0.008970686501523033) < 1e-9);
});

t.test('a ratio has its interval on the logarithms', async (t) => {
  const { value, interval } = estimateRatio([100, 110], [200, 220]);
  t.ok(Math.abs(value - 2) < 1e-9);
  t.ok(interval && interval.low > 1 && interval.low < 2 && Math.abs(interval.low * interval.high - 4) < 1e-9);
  // Logarithms ln 2 and ln 8: error ln 2, 12.7062 of it to either side.
  const mean = estimateGeometricMean([2, 8]);
  t.ok(Math.abs(mean.value - 4) < 1e-9);
  t.ok(Math.abs(Math.log((mean.interval?.high ?? 0) / 4) / Math.LN2 - 12.7062) < 0.001);
});

t.test('a single value has no interval', async (t) => {
  t.same(estimateMean([5]), { value: 5, interval: undefined });
  t.same(estimateDifference([5], [7, 8]), { value: 2.5, interval: undefined, pValue: undefined });
});

t.test('values that never differ have an interval of no width', async (t) => {
  t.same(estimateDifference([0, 0], [1, 1]), { value: 1, interval: { low: 1, high: 1 }, pValue: 0 });
  t.same(estimateMean([3, 3, 3]).interval, { low: 3, high: 3 });
});

t.test('many differences are judged together', async (t) => {
  const found = (...pValues: number[]) => [...beyondNoiseTogether(pValues)].sort();
  t.same(found(0.04), [0], 'one alone against 0.05');
  t.same(found(0.04, 0.9, 0.7), [], 'one of three against a third of it');
  // Holm's own steps: 0.01 <= 0.05/4, 0.005 before it; 0.03 > 0.05/2 ends it, so that 0.04 is not asked.
  t.same(found(0.01, 0.04, 0.03, 0.005), [0, 3]);
  t.same(found(0.001, 0.002), [0, 1], 'all of them');
  t.same(found(), []);
});
