// Student's t distribution against the values printed in every table of it.
import t from 'tap';
import { studentCdf, studentQuantile } from '../../../bench/report/student-t.ts';

t.test('quantiles are those of the published tables', async (t) => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
  const table: readonly (readonly [probability: number, degreesOfFreedom: number, quantile: number])[] = [
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 3, 3.182],
    [0.975, 4, 2.776],
    [0.975, 9, 2.262],
    [0.975, 30, 2.042],
    [0.975, 100, 1.984],
    [0.95, 1, 6.314],
    [0.95, 5, 2.015],
    [0.99, 2, 6.965],
    [0.995, 10, 3.169],
    [0.999, 1, 318.313],
    [0.9, 20, 1.325],
  ];
  for (const [probability, freedom, quantile] of table) {
    const found = studentQuantile(probability, freedom);
    t.ok(
      Math.abs(found - quantile) <= 0.0015 * Math.max(1, quantile / 100),
      `t(${probability}, ${freedom}) = ${found}`,
    );
  }
});

t.test('one degree of freedom is the Cauchy distribution, many are the normal one', async (t) => {
  for (const x of [-3, -0.5, 0, 0.1, 1, 20]) {
    t.ok(Math.abs(studentCdf(x, 1) - (0.5 + Math.atan(x) / Math.PI)) < 1e-12);
  }
  t.ok(Math.abs(studentQuantile(0.975, 1e6) - 1.959966) < 1e-4);
});

t.test('degrees of freedom need not be whole', async (t) => {
  const between = studentQuantile(0.975, 2.5);
  t.ok(between < studentQuantile(0.975, 2) && between > studentQuantile(0.975, 3));
});

t.test('what no distribution has is not a number', async (t) => {
  t.ok(Number.isNaN(studentQuantile(1, 3)));
  t.ok(Number.isNaN(studentQuantile(0.975, 0)));
});
