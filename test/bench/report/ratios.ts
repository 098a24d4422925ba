// Ratios against rivals of runs that are made up.
import t from 'tap';
import { ratiosAgainstRivals } from '../../../bench/report/ratios.ts';
import { ratioTable } from '../../../bench/report/report-tables.ts';
import { toGroupData } from '../../../bench/report/run-report.ts';
import { fullReport, groupOf, rateOf, reportOf, reportOfRates } from '../../support/made-up-report.ts';

t.test('what the machine did to both subjects of a repetition cancels out', async (t) => {
  // The machine halves its speed each time; Barrage is twice as fast in every repetition.
  const [ratio] = ratiosAgainstRivals(reportOfRates({ barrage: [400, 200, 100], ws: [200, 100, 50] }));
  t.match(ratio, { rival: 'ws', key: 'all/rate', verdict: 'better' });
  t.ok(Math.abs((ratio?.estimate.value ?? 0) - 2) < 1e-9);
  t.ok(Math.abs((ratio?.estimate.interval?.high ?? 0) - 2) < 1e-6);
});

t.test('it is written with its interval', async (t) => {
  const { columns, rows } = ratioTable(reportOfRates({ barrage: [180, 190, 170], ws: [100, 100, 100] }));
  t.same(columns.slice(2), ['rival', 'Barrage / rival', 'Barrage is']);
  t.same(rows, [['everything', 'rate', 'ws', '1.8x (1.57 to 2.06)', 'better']]);
});

t.test('of one repetition there is no interval and no verdict', async (t) => {
  const [ratio] = ratiosAgainstRivals(reportOfRates({ barrage: [180], ws: [100] }));
  t.match(ratio?.estimate, { value: 1.8, interval: undefined });
  t.equal(ratio?.verdict, 'one repetition');
});

t.test('less is better where less is better', async (t) => {
  const rates = { barrage: [10, 11, 10], ws: [30, 33, 31] };
  t.equal(ratiosAgainstRivals(reportOfRates(rates, 'lower'))[0]?.verdict, 'better');
  t.equal(ratiosAgainstRivals(reportOfRates(rates, 'higher'))[0]?.verdict, 'worse');
  t.same(ratiosAgainstRivals(reportOfRates(rates, 'neither')), []);
});

t.test('an interval with 1 in it is no difference', async (t) => {
  const [ratio] = ratiosAgainstRivals(reportOfRates({ barrage: [90, 110, 101], ws: [100, 100, 100] }));
  t.equal(ratio?.verdict, 'no difference beyond noise');
});

t.test('only repetitions that both were measured in count, and only what cannot be 0', async (t) => {
  const [ratio] = ratiosAgainstRivals(reportOfRates({ barrage: [200, 300], ws: [100] }));
  t.same([...(ratio?.byRepetition ?? [])], [[1, 2]]);
  t.same(ratiosAgainstRivals(reportOfRates({ barrage: [200, 0], ws: [100, 100] })), []);
  const groups = ['barrage', 'ws'].map((name, i) =>
    toGroupData(groupOf([rateOf(5)], { key: `g${i}` }), name, 1),
  );
  t.same(ratiosAgainstRivals(reportOf({ groups })), [], 'other conditions are not compared');
});

t.test('a distribution is compared by its median and 99th percentile', async (t) => {
  const keys = ratiosAgainstRivals(fullReport()).map(({ key }) => key);
  t.same(keys, ['all/delay:p50', 'all/delay:p99', 'all/rate']);
});
