// The plots of a run that is made up, drawn: which there are, and what stands on them.
import t from 'tap';
import { latencyOf } from '../../../bench/measurement.ts';
import { plotsOf, renderPlots } from '../../../bench/report/plots.ts';
import { toGroupData } from '../../../bench/report/run-report.ts';
import { fullReport, groupOf, reportOf } from '../../support/made-up-report.ts';

/** The texts of an SVG. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '');
}

function linesOf(svg: string): number {
  return [...svg.matchAll(/mark-line[^>]*>\s*<path/g)].length;
}

t.test('each kind of data has its plot, under a name that stays', async (t) => {
  t.same(
    plotsOf(fullReport()).map(({ key }) => key),
    ['load', 'all-delay', 'all-sound-skew', 'cpu', 'all-ratios'],
  );
});

t.test('they are SVG with title, axes with units and everyone in the legend', async (t) => {
  const plots = new Map((await renderPlots(fullReport())).map(({ key, svg }) => [key, svg]));
  for (const svg of plots.values()) t.match(svg, /^<svg xmlns/);
  const load = textsOf(plots.get('load') ?? '');
  for (const text of ['delivered', 'offered (1/s)', 'delivered (1/s)', 'Barrage', 'ws'])
    t.ok(load.includes(text), text);
  t.equal(linesOf(plots.get('load') ?? ''), 4, 'a curve for each subject and repetition');
  const delay = textsOf(plots.get('all-delay') ?? '');
  for (const text of ['everything', 'delay', 'percentile', 'ms', '50%', '99%', '99.9%'])
    t.ok(delay.includes(text), text);
  t.notOk(delay.includes('99.99%'), 'two thousand values tell no more apart');
  t.ok(
    textsOf(plots.get('all-sound-skew') ?? '').includes('percent at or below'),
    'signed values: cumulative',
  );
  const cpu = textsOf(plots.get('cpu') ?? '');
  for (const text of ['percent of one core', 'server/node', 'generator/node']) t.ok(cpu.includes(text), text);
  t.notOk(cpu.includes('server/idle'));
  t.ok(textsOf(plots.get('all-ratios') ?? '').includes('Barrage / rival'));
});

t.test('Barrage alone has all distributions of a group in one plot', async (t) => {
  const measurements = [latencyOf('a', 'first', [1, 2, 3]), latencyOf('b', 'second', [4, 5, 6])];
  const report = reportOf({ groups: [toGroupData(groupOf(measurements), 'barrage', 1)] });
  const [plot, ...more] = await renderPlots(report);
  t.same(more, []);
  t.equal(plot?.key, 'all-percentiles');
  t.equal(linesOf(plot?.svg ?? ''), 2);
  t.ok(['first', 'second'].every((text) => textsOf(plot?.svg ?? '').includes(text)));
});

t.test('labels that fit are not cut, numbers of labels not rounded', async (t) => {
  const [, , , , ratios] = await renderPlots(fullReport());
  t.ok(textsOf(ratios?.svg ?? '').includes('rate ▲'));
});

t.test('empty distributions and runs have no plots', async (t) => {
  const groups = [toGroupData(groupOf([latencyOf('none', 'none', [])]), 'barrage', 1)];
  t.same(plotsOf(reportOf({ groups })), []);
  t.same(plotsOf(reportOf()), []);
});
