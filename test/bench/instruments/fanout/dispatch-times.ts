// The server's histogram of its commands, read from outside.
import t from 'tap';
import { DispatchTimes } from '../../../../bench/instruments/fanout/dispatch-times.ts';

const INFINITE = Number.POSITIVE_INFINITY;

function times(counts: readonly [number, number][]): DispatchTimes {
  return new DispatchTimes(counts.map(([upToUs, count]) => ({ upToUs, count })));
}

t.test('a quantile lies within its bucket', async (t) => {
  const all = times([
    [10, 0],
    [20, 100],
    [50, 100],
    [INFINITE, 100],
  ]);
  t.equal(all.quantile(0.5), 15);
  t.equal(all.quantile(1), 20);
});

t.test('only what came after the earlier reading counts', async (t) => {
  const earlier = times([
    [10, 1000],
    [100, 1000],
    [INFINITE, 1000],
  ]);
  const later = times([
    [10, 1000],
    [100, 1010],
    [INFINITE, 1010],
  ]);
  t.equal(later.since(earlier).quantile(0.5), 55);
  t.equal(later.quantile(0.5), 5.05);
});

t.test('beyond the last bound nothing is claimed, and of nothing neither', async (t) => {
  const slow = times([
    [10, 0],
    [INFINITE, 5],
  ]);
  t.equal(slow.quantile(0.5), INFINITE);
  t.same(slow.measurements, []);
  t.same(times([[INFINITE, 0]]).measurements, []);
});
