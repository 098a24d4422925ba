// When a check fails, and what it says then.
import t from 'tap';
import { checkFailures } from '../../../bench/history/check.ts';
import { compareReports } from '../../../bench/history/compare.ts';
import type { RunReport } from '../../../bench/report/run-report.ts';
import { fullReport, reportOf, reportOfRates } from '../../support/made-up-report.ts';

function check(before: RunReport, after: RunReport, minEffect = 0.05): string[] {
  return checkFailures(
    compareReports(before, after, { baselineFile: 'b.json', minEffect, ratiosOnly: false }),
  );
}

const fast = reportOfRates({ barrage: [100, 101, 99] });
const slow = reportOfRates({ barrage: [80, 81, 79] });

t.test('a regression fails it, with what fell and by how much', async (t) => {
  t.same(check(fast, slow), ['everything: rate: 20% less (80 after 100 1/s), beyond noise and 5%']);
});

t.test('an improvement, noise and a small effect pass', async (t) => {
  t.same(check(slow, fast), []);
  t.same(check(fast, reportOfRates({ barrage: [60, 140, 95] })), []);
  t.same(check(fast, slow, 0.3), []);
});

t.test('a figure that is gone fails it: it may be gone because it got worse', async (t) => {
  t.match(check(fullReport(), reportOfRates({ barrage: [1001, 1002] })), [
    'all/delay:p50 is in b.json and not in this run',
  ]);
});

t.test('a run that has nothing to judge fails it', async (t) => {
  t.match(check(fast, reportOf()), [/nothing can be judged against b.json/]);
});
