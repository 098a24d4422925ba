// BD-rate against curves whose answer is known: by construction, and by SciPy's PchipInterpolator.
import t from 'tap';
import { bdRate, type RatePoint } from '../../../../bench/instruments/quality/bd-rate.ts';

function points(kbps: readonly number[], quality: readonly number[]): RatePoint[] {
  return kbps.map((rate, index) => ({ kbps: rate, quality: quality[index] ?? Number.NaN }));
}

const near = (value: number | undefined, wanted: number) => Math.abs((value ?? Number.NaN) - wanted) < 1e-9;

t.test('a curve that needs a constant share of the bits is that share away', async (t) => {
  const anchor = points([600, 1200, 2500, 4500], [11.2, 14.1, 17.7, 19.9]);
  const scaled = (factor: number) => anchor.map(({ kbps, quality }) => ({ kbps: kbps * factor, quality }));
  t.ok(near(bdRate(anchor, anchor), 0));
  t.ok(near(bdRate(anchor, scaled(0.65)), -35));
  t.ok(near(bdRate(anchor, scaled(2)), 100));
  t.ok(near(bdRate(anchor, scaled(0.65).toReversed()), -35), 'in any order');
});

t.test('two points make a straight line in the logarithm of the rate', async (t) => {
  // The distance grows evenly from 2 to 4 times the rate: its mean is the geometric one.
  const value = bdRate(points([100, 200], [30, 40]), points([200, 800], [30, 40]));
  t.ok(near(value, (Math.sqrt(8) - 1) * 100));
});

t.test('published curves give what the reference interpolation gives', async (t) => {
  // The example of FAU-LMS/bjontegaard (x265 presets), and VCEG-M33's usual sample; references from SciPy 1.17.
  const x265 = bdRate(
    points([9487.76, 4593.6, 2486.44, 1358.24], [40.037, 38.615, 36.845, 34.851]),
    points([9787.8, 4469, 2451.52, 1356.24], [40.121, 38.651, 36.97, 34.987]),
  );
  t.ok(near(x265, -4.417485350589045));
  const vceg = bdRate(
    points([686.76, 309.58, 157.11, 85.95], [40.28, 37.18, 34.24, 31.42]),
    points([893.34, 407.8, 204.93, 112.75], [40.39, 37.21, 34.17, 31.24]),
  );
  t.ok(near(vceg, 31.379878202397627));
  const unruly = bdRate(
    points([100, 200, 300, 900], [0.8, 0.95, 0.94, 0.99]),
    points([80, 150, 400, 500], [0.82, 0.9, 0.97, 0.98]),
  );
  t.ok(near(unruly, -34.69656559544121), 'a quality that falls with the rate');
});

t.test('curves that share no quality have no answer, single points are refused', async (t) => {
  t.equal(bdRate(points([100, 200], [30, 35]), points([100, 200], [36, 40])), undefined);
  t.throws(() => bdRate(points([100], [30]), points([100, 200], [30, 40])), RangeError);
  t.throws(() => bdRate(points([100, 200], [30, 30]), points([100, 200], [30, 40])), RangeError);
});
