// What came of a run of all scenarios, as rows of text: a line for each scenario, a line for each target. Pure.
import { formatValue } from '../report/format-value.ts';
import type { MeasurementData, RunReport } from '../report/run-report.ts';
import { countReached, verdictRows } from '../report/verdict-table.ts';
import { BARRAGE, type Scenario } from '../scenario.ts';
import { type Target, type Verdict, verdicts } from '../targets.ts';
import type { ScenarioResult } from './scenario-process.ts';

export const SUMMARY_COLUMNS = ['scenario', 'took', 'key figure', 'targets', 'how it went'] as const;

/** One row of {@link SUMMARY_COLUMNS} for each scenario that was to be run; without a result it was not reached. */
export function summaryRows(
  scenarios: readonly Scenario[],
  results: readonly ScenarioResult[],
  targets: readonly Target[],
): string[][] {
  return scenarios.map((scenario) => {
    const result = results.find(({ name }) => name === scenario.name);
    if (!result) return [scenario.name, '-', '-', '-', 'not run: interrupted before'];
    const { report, seconds } = result;
    const judged = report ? verdicts(report, targets) : [];
    return [
      scenario.name,
      `${seconds} s`,
      report ? keyFigure(scenario, report) : '-',
      judged.length === 0 ? '-' : countReached(judged),
      describeEnd(result),
    ];
  });
}

/** Whether a scenario's run was neither complete nor merely interrupted. */
export function hasFailed({ code }: ScenarioResult): boolean {
  return code !== 0 && code !== 130;
}

/** Every target with what this run says about it, also those that no scenario measures yet. */
export function targetRows(results: readonly ScenarioResult[], targets: readonly Target[]): string[][] {
  const judged = results.flatMap(({ report }) => (report ? verdicts(report, targets) : []));
  return verdictRows(
    targets.map((target) => judged.find((one) => one.target.id === target.id) ?? unjudged(target)),
  );
}

function unjudged(target: Target): Verdict {
  const scenario = target.measuredBy?.split('/')[0];
  const why = scenario === undefined ? 'no scenario measures it yet' : `${scenario} gave no report`;
  const detail = target.note === undefined ? why : `${why}; ${target.note}`;
  return { target, state: 'not measured', detail };
}

/** The first figure of the scenario's own list that the report has, else the first of the report. */
function keyFigure({ figures = [] }: Scenario, report: RunReport): string {
  const ours = report.groups.filter(({ subject }) => subject === BARRAGE);
  const all = ours.flatMap(({ key: group, measurements }) => measurements.map((one) => ({ group, one })));
  const named = figures.flatMap((figure) => {
    const [group = '', key = ''] = figure.replace(/:.*/, '').split('/');
    return all.find((entry) => entry.one.key === key && (group === '*' || entry.group === group)) ?? [];
  });
  const first = named[0] ?? all[0];
  return first === undefined ? '-' : describeMeasurement(first.one);
}

function describeMeasurement(one: MeasurementData): string {
  if (one.kind === 'figure') return `${one.title} ${formatValue(one.value)} ${one.unit}`;
  const { p50, p99 } = one.summary;
  return `${one.title} p50 ${formatValue(p50)}, p99 ${formatValue(p99)} ${one.unit}`;
}

function describeEnd({ code, report, tail }: ScenarioResult): string {
  const details = (report?.subjects ?? []).flatMap(({ name, state, detail }) =>
    detail === undefined ? [] : [`${name} ${state}: ${firstLine(detail)}`],
  );
  const how = code === 0 ? 'done' : code === 130 ? 'interrupted' : code === null ? 'killed' : 'failed';
  if (details.length > 0) return `${how}; ${details.join('; ')}`;
  return code === 0 || code === 130 ? how : `${how}: ${tellingLine(tail)}`;
}

/** The line of a crash's output that says what happened. */
function tellingLine(tail: string): string {
  const lines = tail.split('\n').map((line) => line.trim());
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? '';
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
