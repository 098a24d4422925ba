// The key figures of a run that is made up.
import t from 'tap';
import { keyFigureTable } from '../../../bench/report/key-figures.ts';
import { fullReport } from '../../support/made-up-report.ts';

t.test('subjects stand side by side, in the order the scenario names its figures', async (t) => {
  const table = keyFigureTable(fullReport(), ['all/rate', 'all/delay:p95', 'other/rate']);
  t.same(table.columns, ['conditions', 'measured', 'unit', 'Barrage', 'ws']);
  t.match(table.rows, [
    ['everything', 'rate', '1/s', /^1,002 \(/, /^1,002 \(/],
    ['everything', 'delay, p95', 'ms', '950', '950'],
  ]);
  t.equal(table.rows.length, 2, 'what was not measured has no row');
});

t.test('a distribution without a statistic is its median, any group is found', async (t) => {
  t.match(keyFigureTable(fullReport(), ['*/delay']).rows, [['everything', 'delay, p50', 'ms', '500', '500']]);
});
