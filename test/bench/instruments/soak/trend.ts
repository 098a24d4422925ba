// Slopes on lines that are known.
import t from 'tap';
import { fitTrend, secondHalf } from '../../../../bench/instruments/soak/trend.ts';

/** Noise that is the same in each run, between -1 and 1. */
function noise(index: number): number {
  return Math.sin(index * 12.9898) * Math.cos(index * 78.233);
}

function line(count: number, at: (x: number, index: number) => number): [number, number][] {
  return Array.from({ length: count }, (_, index) => [index / 10, at(index / 10, index)]);
}

t.test('a straight line has its slope, and no doubt about it', async (t) => {
  const trend = fitTrend(line(600, (x) => 100 + 0.25 * x));
  t.ok(Math.abs((trend?.slope ?? 0) - 0.25) < 1e-9);
  t.ok((trend?.margin ?? 1) < 1e-9);
});

t.test('the interval of a noisy line holds its slope', async (t) => {
  const trend = fitTrend(line(600, (x, index) => 100 + 0.25 * x + 3 * noise(index)));
  const { slope, margin } = trend ?? { slope: 0, margin: 0 };
  t.ok(Math.abs(slope - 0.25) < margin, `${slope} ± ${margin}`);
  t.ok(margin < 0.1);
});

t.test('noise without a slope is not taken for one', async (t) => {
  const { slope, margin } = fitTrend(line(600, (_, index) => 100 + 3 * noise(index))) ?? {
    slope: 1,
    margin: 0,
  };
  t.ok(Math.abs(slope) < margin, `${slope} ± ${margin}`);
});

t.test('too few points have no slope, or one that nobody can be sure of', async (t) => {
  t.equal(fitTrend([]), undefined);
  t.equal(fitTrend([[1, 1]]), undefined);
  t.equal(
    fitTrend([
      [1, 1],
      [1, 2],
    ]),
    undefined,
    'all at one moment',
  );
  t.same(
    fitTrend([
      [0, 1],
      [2, 5],
    ]),
    { slope: 2, margin: Number.POSITIVE_INFINITY },
  );
});

t.test('the second half is that of the time, not of the points', async (t) => {
  t.same(
    secondHalf([
      [0, 1],
      [1, 1],
      [2, 1],
      [9, 2],
      [10, 2],
    ]),
    [
      [9, 2],
      [10, 2],
    ],
  );
});
