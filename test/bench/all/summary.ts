// The summary and the index of runs that are made up: done, failed, crashed, not reached.
import t from 'tap';
import { indexHtml, indexMarkdown } from '../../../bench/all/index-report.ts';
import type { ScenarioResult } from '../../../bench/all/scenario-process.ts';
import { hasFailed, SUMMARY_COLUMNS, summaryRows, targetRows } from '../../../bench/all/summary.ts';
import { figureOf } from '../../../bench/measurement.ts';
import { toGroupData } from '../../../bench/report/run-report.ts';
import type { Scenario } from '../../../bench/scenario.ts';
import type { Target } from '../../../bench/targets.ts';
import { reportOf } from '../../support/made-up-report.ts';

function scenario(name: string, figures: readonly string[] = []): Scenario {
  const nothing = { summary: '', options: {}, help: {}, rivals: [] };
  return { name, figures, ...nothing, checkOptions: () => undefined, run: async () => undefined };
}

function rate(key: string, value: number) {
  return figureOf({ key, title: `${key} <fast>`, unit: '1/s', better: 'higher', value });
}

function result(name: string, over: Partial<ScenarioResult>): ScenarioResult {
  return { name, seconds: 7, code: 0, report: undefined, files: [], tail: '', ...over };
}

const group = {
  key: 'knee',
  title: 'knee',
  measurements: [rate('other', 1), rate('rate', 12_345)],
  notes: [],
};
const good = result('good', {
  files: ['good-1.json', 'good-1.html'],
  report: reportOf({ scenario: 'good', groups: [toGroupData(group, 'barrage', 1)] }),
});
const failed = result('failed', {
  code: 1,
  report: reportOf({
    scenario: 'failed',
    finished: 'failed',
    subjects: [{ name: 'barrage', state: 'failed', detail: 'it broke\nin two lines' }],
  }),
});
const crashed = result('crashed', { code: null, tail: 'x.js:1\nTypeError: no such thing\nNode.js v24' });
const scenarios = [scenario('good', ['*/rate']), scenario('failed'), scenario('crashed'), scenario('later')];
const results = [good, failed, crashed];

function target(id: string, measuredBy: string | null): Target {
  const goal = { op: '>=', value: 10_000, unit: '1/s' } as const;
  return { id, title: id, goal, says: 'nothing', source: 'nobody', measuredBy };
}

const targets = [
  target('fast', 'good/knee/rate'),
  target('slow', 'crashed/knee/rate'),
  target('later', null),
];

t.test('each scenario has a line: its key figure, its targets, and why it failed', async (t) => {
  t.same(summaryRows(scenarios, results, targets), [
    ['good', '7 s', 'rate <fast> 12,350 1/s', '1 of 1 reached', 'done'],
    ['failed', '7 s', '-', '-', 'failed; barrage failed: it broke'],
    ['crashed', '7 s', '-', '-', 'killed: TypeError: no such thing'],
    ['later', '-', '-', '-', 'not run: interrupted before'],
  ]);
  t.same(results.map(hasFailed), [false, true, true]);
  t.notOk(hasFailed(result('cut', { code: 130 })), 'interrupted is another exit code');
});

t.test('each target has a line, also one that nobody measured', async (t) => {
  t.match(targetRows(results, targets), [
    ['fast', '>= 10,000 1/s', '12,350', 'reached'],
    ['slow', '>= 10,000 1/s', '-', 'not measured: crashed gave no report'],
    ['later', '>= 10,000 1/s', '-', 'not measured: no scenario measures it yet'],
  ]);
});

t.test('the index links the reports and escapes what it shows', async (t) => {
  const contents = {
    ...{ command: 'all --quick', startedAt: '2026-11-23T06:00:00.000Z', seconds: 21, interrupted: true },
    ...{ machine: reportOf().machine, results, targets: targetRows(results, targets) },
    summary: summaryRows(scenarios, results, targets),
  };
  const markdown = indexMarkdown(contents);
  t.match(markdown, '- good: [json](good-1.json), [html](good-1.html)');
  t.match(markdown, `| ${SUMMARY_COLUMNS.join(' | ')} |`);
  t.match(markdown, '**This run was interrupted.**');
  const html = indexHtml(contents);
  t.match(html, '<a href="good-1.html">html</a>');
  t.match(html, 'rate &lt;fast&gt;');
  t.notMatch(html, '<fast>');
});
