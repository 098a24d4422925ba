// Comparisons of runs that are made up: what changed, beyond noise or not, for better or worse.
import t from 'tap';
import { type CompareOptions, compareReports } from '../../../bench/history/compare.ts';
import { type RunReport, toGroupData } from '../../../bench/report/run-report.ts';
import { fullReport, groupOf, rateOf, reportOf, reportOfRates } from '../../support/made-up-report.ts';

function compare(before: RunReport, after: RunReport, over: Partial<CompareOptions> = {}) {
  return compareReports(before, after, {
    ...{ baselineFile: 'before.json', minEffect: 0.05, ratiosOnly: false },
    ...over,
  });
}

function changeOf(
  before: readonly number[],
  after: readonly number[],
  better?: 'lower' | 'higher' | 'neither',
) {
  const { changes } = compare(
    reportOfRates({ barrage: before }, better),
    reportOfRates({ barrage: after }, better),
  );
  t.equal(changes.length, 1);
  return changes[0]!;
}

t.test('a change has Welch on logarithms as its interval', async (t) => {
  const { change, old, new: now, key } = changeOf([100, 102, 98], [110, 112, 108]);
  t.match({ old, now, key }, { old: 100, now: 110, key: 'all/rate' });
  // As scipy.stats.ttest_ind(equal_var=False) has it.
  for (const [found, expected] of [
    [change.value, 0.10002546],
    [change.interval?.low, 0.05321267],
    [change.interval?.high, 0.14891897],
  ] as const) {
    t.ok(Math.abs((found ?? 0) - expected) < 1e-6, `${found} is ${expected}`);
  }
});

t.test('the better side decides what a change is worth', async (t) => {
  t.equal(changeOf([100, 102, 98], [110, 112, 108], 'higher').verdict, 'better');
  t.equal(changeOf([100, 102, 98], [110, 112, 108], 'lower').verdict, 'regression');
  t.equal(changeOf([100, 102, 98], [110, 112, 108], 'neither').verdict, 'changed');
});

t.test('what the spread explains is noise', async (t) => {
  t.equal(changeOf([100, 140, 60], [50, 110, 80]).verdict, 'within noise');
});

t.test('a worse figure below the minimum effect is no regression', async (t) => {
  t.equal(changeOf([100, 100.1, 99.9], [98, 98.1, 97.9]).verdict, 'worse');
  t.equal(changeOf([100, 100.1, 99.9], [90, 90.1, 89.9]).verdict, 'regression');
});

t.test('one odd figure among many is no regression, one far out is', async (t) => {
  const figures = (odd: readonly number[], phase: number) => {
    const groups = odd.flatMap((value, i) =>
      Array.from({ length: 40 }, (_, key) =>
        toGroupData(
          groupOf([rateOf(key === 0 ? value : 100 + (((i * 7 + key) * phase) % 5))], { key: `g${key}` }),
          'barrage',
          i + 1,
        ),
      ),
    );
    return reportOf({ groups });
  };
  const before = figures([100, 104, 96], 1);
  const verdict = (values: readonly number[]) => compare(before, figures(values, 2)).changes[0]?.verdict;
  t.equal(verdict([88, 91, 85]), 'worse', 'outside its own interval, as one in forty is by chance');
  t.equal(verdict([50, 52, 48]), 'regression');
});

t.test('figures about 0 are compared by difference', async (t) => {
  t.equal(changeOf([0, 0, 0], [0, 0, 0], 'lower').verdict, 'within noise');
  t.equal(changeOf([0, 0, 0], [3, 3, 3], 'lower').verdict, 'regression');
  t.equal(changeOf([-5, 5, 0], [5, -4, 0], 'lower').verdict, 'within noise');
});

t.test('one repetition on either side cannot be judged', async (t) => {
  t.equal(changeOf([100], [50, 51]).verdict, 'cannot be judged');
  t.equal(changeOf([100, 101], [50]).verdict, 'cannot be judged');
  const { warnings } = compare(reportOfRates({ barrage: [1] }), reportOfRates({ barrage: [1, 2] }));
  t.match(warnings, [/One repetition of the baseline: no confidence interval/]);
});

t.test('only Barrage is compared, or with ratios only its ratios', async (t) => {
  const before = reportOfRates({ barrage: [200, 202, 198], ws: [100, 101, 99] });
  // A machine half as fast: the figures fall, the ratios do not.
  const after = reportOfRates({ barrage: [100, 101, 99], ws: [50, 50.5, 49.5] });
  t.match(compare(before, after).changes, [{ key: 'all/rate', verdict: 'regression' }]);
  t.match(compare(before, after, { ratiosOnly: true }).changes, [
    { key: 'all/rate / ws', unit: 'x', old: 2, new: 2, verdict: 'within noise' },
  ]);
});

t.test('what only one run has is named', async (t) => {
  const found = compare(fullReport(), reportOfRates({ barrage: [1, 2] }));
  t.match(found.onlyOld, ['all/delay:p50', 'all/delay:p99', 'all/soundSkew:p50', 'all/soundSkew:p99']);
  t.same(found.onlyNew, []);
});

t.test('another machine, other options, unfinished runs are warned of', async (t) => {
  const before = reportOfRates({ barrage: [1, 2] });
  const after: RunReport = {
    ...before,
    finished: 'interrupted',
    machine: { ...before.machine, cores: 64 },
    options: { quick: true, save: 'x.json' },
  };
  const found = compare(before, after).warnings;
  t.match(found, [
    /another machine \(2 cores.*64 cores.*only on the same machine/,
    /other options/,
    /not finished/,
  ]);
  t.match(found[1], '--quick not given; now --quick true');
  t.notMatch(found[1], 'save');
  t.match(
    compare(before, after, { ratiosOnly: true }).warnings[0],
    'ratios against rivals hold all the same',
  );
  t.same(compare(before, before).warnings, []);
});
