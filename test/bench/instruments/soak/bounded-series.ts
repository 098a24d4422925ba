// Curves over hours in bounded memory.
import t from 'tap';
import { BoundedSeries } from '../../../../bench/instruments/soak/bounded-series.ts';

t.test('a long curve stays within its bound and keeps its shape', async (t) => {
  const series = new BoundedSeries(100);
  for (let x = 0; x < 100_000; x++) series.add(x, x === 77_777 ? 1e9 : 2 * x);
  t.ok(series.points.length < 100 && series.points.length >= 49, `${series.points.length} points`);
  t.same(series.points[0], [0, 0]);
  t.ok((series.points.at(-1)?.[0] ?? 0) > 95_000, 'up to the end');
  for (const [x, y] of series.points) t.equal(y, 2 * x);
  t.equal(series.max, 1e9, 'also of a value that is no point');
  t.equal(series.last, 199_998);
  t.equal(series.growth, 199_998);
});

t.test('a short curve is kept whole', async (t) => {
  const series = new BoundedSeries();
  t.equal(series.last, undefined);
  series.add(1, 5);
  series.add(2, 3);
  t.same(series.points, [
    [1, 5],
    [2, 3],
  ]);
  t.match(series, { last: 3, max: 5, growth: -2 });
});
