// The HTML report of runs that are made up: self-contained, safe, and it says what must be said.
import t from 'tap';
import { compareReports } from '../../../bench/history/compare.ts';
import { toHtml } from '../../../bench/report/html.ts';
import { escapeHtml } from '../../../bench/report/html-text.ts';
import { renderPlots } from '../../../bench/report/plots.ts';
import type { RunReport } from '../../../bench/report/run-report.ts';
import { fullReport, reportOf } from '../../support/made-up-report.ts';

async function pageOf(report: RunReport, comparison?: Parameters<typeof toHtml>[1]['comparison']) {
  return toHtml(report, {
    plots: await renderPlots(report),
    comparison,
    scenario: { summary: 'all & more', figures: ['all/rate'] },
    jsonFile: 'r.json',
  });
}

t.test('it says what was run, where, by whom, and what is missing', async (t) => {
  const html = await pageOf(fullReport());
  t.match(html, 'npm run bench -- made-up --quick --repeat 2 --against ws,mosquitto');
  t.match(html, '2 cores of Test CPU');
  t.match(html, 'Chromium 156');
  t.match(html, 'no program &quot;mosquitto&quot; in PATH');
  t.match(html, 'The load generator was saturated (97% busy');
  t.match(html, 'Means of 2 repetitions, with the 95% confidence interval');
  t.match(html, '<td>ws</td><td class="n">1x</td>');
  t.match(html, 'r.json');
  t.match(html, 'all &amp; more');
  t.match(html, '<h2>Key figures</h2>');
});

t.test('it needs nothing from elsewhere and runs nothing', async (t) => {
  const html = await pageOf(fullReport());
  t.notMatch(html, /<script|<link|<img|<iframe|@import|\son\w+=/i);
  const addresses = [...html.matchAll(/(?:href|src|url\()\s*=?\s*["']?([^"')\s>]+)/g)].map(([, to]) => to);
  t.same(
    addresses.filter((to) => !to?.startsWith('#')),
    [],
  );
});

t.test('text of the report cannot become markup', async (t) => {
  const hostile = '<script>alert("x")</script>';
  const groups = fullReport().groups.map((group) => ({ ...group, title: hostile, notes: [hostile] }));
  const html = await pageOf({ ...fullReport(), scenario: hostile, groups, versions: { [hostile]: '1' } });
  t.notMatch(html, '<script');
  t.match(html, escapeHtml(hostile));
});

t.test('a comparison is shown with its warnings', async (t) => {
  const before = { ...fullReport(), machine: { ...fullReport().machine, cores: 8 } };
  const options = { baselineFile: 'old.json', minEffect: 0.05, ratiosOnly: false };
  const html = await pageOf(fullReport(), compareReports(before, fullReport(), options));
  t.match(html, 'Against an earlier run');
  t.match(html, 'compared with old.json');
  t.match(html, 'another machine');
});

t.test('a run without results is still a page', async (t) => {
  const html = await pageOf(
    reportOf({ finished: 'failed', subjects: [{ name: 'barrage', state: 'failed', detail: 'it broke' }] }),
  );
  t.match(html, 'This run was not finished: failed.');
  t.match(html, 'Barrage: failed: it broke.');
  t.notMatch(html, '<h2>Plots');
});
