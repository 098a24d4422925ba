// The tables of a report: means and intervals over repetitions, values of one.
import t from 'tap';
import { latencyOf } from '../../../bench/measurement.ts';
import { cpuTable, distributionTable, figureTable } from '../../../bench/report/report-tables.ts';
import { toGroupData } from '../../../bench/report/run-report.ts';
import { fullReport, groupOf, reportOf, reportOfRates } from '../../support/made-up-report.ts';

t.test('repetitions are one row, with mean and interval', async (t) => {
  t.same(figureTable(reportOfRates({ barrage: [2, 4, 6] })).rows, [
    ['everything', 'rate', '4 (-0.968 to 8.97)', '1/s'],
  ]);
  t.same(figureTable(reportOfRates({ barrage: [2] })).rows, [['everything', 'rate', '2', '1/s']]);
});

t.test('subjects of one condition stand side by side, Barrage first', async (t) => {
  const rows = figureTable(reportOfRates({ barrage: [1], ws: [2] })).rows;
  t.same(
    rows.map(([name]) => name),
    ['Barrage: everything', 'ws: everything'],
  );
});

t.test(
  'a distribution over repetitions counts all values, keeps the extremes, averages the rest',
  async (t) => {
    const groups = [
      [1, 2, 3],
      [3, 4, 5],
    ].map((values, i) => toGroupData(groupOf([latencyOf('d', 'delay', values)]), 'barrage', i + 1));
    t.match(distributionTable(reportOf({ groups })).rows, [
      ['everything', 'delay', 'ms', '6', '1', '3', /^3 \(/, '4', '4', /^4 \(/, '5'],
    ]);
  },
);

t.test('what could not be measured is a dash', async (t) => {
  const [row] = figureTable(fullReport()).rows.filter(([, , value]) => value?.startsWith('-'));
  t.equal(row?.[2], '-');
});

t.test('CPU is percent of one core, without idle processes', async (t) => {
  t.match(cpuTable(fullReport()), {
    columns: ['conditions', 'generator/node', 'server/node'],
    rows: [
      ['Barrage: everything', '20%', '50%'],
      ['ws: everything', '20%', '50%'],
    ],
  });
});
