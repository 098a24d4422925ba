// Percentiles against sets whose values are known.
import fc from 'fast-check';
import t from 'tap';
import { formatDistribution, summarize } from '../../../bench/instruments/histogram.ts';

t.test('percentiles of one to a hundred are the numbers themselves', async (t) => {
  const shuffled = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
  t.same(summarize(shuffled), {
    count: 100,
    min: 1,
    mean: 50.5,
    p50: 50,
    p90: 90,
    p95: 95,
    p99: 99,
    max: 100,
  });
});

t.test('no samples give no figures rather than zeros', async (t) => {
  t.match(summarize([]), { count: 0, p50: Number.NaN, max: Number.NaN });
});

t.test('percentiles are samples, in order, between the smallest and the largest', async () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }), (samples) => {
      const { min, p50, p90, p95, p99, max } = summarize(samples);
      const ordered = [min, p50, p90, p95, p99, max];
      return ordered.every(
        (value, index) => samples.includes(value) && value >= (ordered[index - 1] ?? value),
      );
    }),
  );
});

t.test('a line of figures names its unit', async (t) => {
  t.equal(formatDistribution(summarize([5])), 'n=1  min 5  mean 5  p50 5  p90 5  p95 5  p99 5  max 5  ms');
});
