// The goals of targets.json, and whether a run reached those that its scenario measures. Knows neither where
// reports are kept nor how verdicts are shown.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { describeSaturation } from './instruments/load/generator-load.ts';
import { formatValue } from './report/format-value.ts';
import type { GroupData, MeasurementData, RunReport } from './report/run-report.ts';
import { BARRAGE } from './scenario.ts';

const STATISTICS = ['min', 'mean', 'p50', 'p90', 'p95', 'p99', 'max'] as const;
type Statistic = (typeof STATISTICS)[number];

const goalSchema = z.strictObject({
  op: z.enum(['<=', '>=', '=']),
  value: z.number(),
  /** As the scenario reports it. */
  unit: z.string().min(1),
  /** A rival: the goal is for the ratio of ours to theirs, measured in one run. */
  against: z.string().optional(),
});

/** `SCENARIO/GROUPKEY/MEASUREMENTKEY`, for a distribution with `:p99`; `*` as group key means every group. */
const FIGURE = new RegExp(`^[a-z-]+/([^/:*]+|\\*)/[^/:*]+(:(${STATISTICS.join('|')}))?$`);

const targetSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  title: z.string().min(1),
  goal: goalSchema,
  /** What the field publishes or what was asked for. */
  says: z.string().min(1),
  source: z.string().min(1),
  /** The figure that judges it; null while no scenario measures it. */
  measuredBy: z.string().regex(FIGURE).nullable(),
  note: z.string().optional(),
});

const targetsSchema = z
  .array(targetSchema)
  .refine((targets) => new Set(targets.map(({ id }) => id)).size === targets.length, 'every id once');

export type Goal = z.infer<typeof goalSchema>;
export type Target = z.infer<typeof targetSchema>;

/** Every target, checked; throws a ZodError naming what is wrong with the file. */
export function readTargets(file = path.join(import.meta.dirname, 'targets.json')): readonly Target[] {
  return targetsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** Whether one target was reached. */
export interface Verdict {
  readonly target: Target;
  readonly state: 'reached' | 'missed' | 'not measured';
  /** Mean over the repetitions, in the goal's unit; of several groups the worst. */
  readonly value?: number;
  /** By how much it was missed, why it was not measured, or what to hold against the value. */
  readonly detail: string;
}

/** Verdicts on the targets that the report's scenario measures, in the order of targets.json. */
export function verdicts(report: RunReport, targets: readonly Target[] = readTargets()): readonly Verdict[] {
  return targets
    .filter(({ measuredBy }) => measuredBy?.startsWith(`${report.scenario}/`))
    .map((target) => judge(report, target));
}

/** `<= 100 ms`; a ratio reads `>= 0.5 of nginx`. */
export function describeGoal({ op, value, unit, against }: Goal): string {
  return `${op} ${value.toLocaleString('en-US')} ${against === undefined ? unit : `of ${against}`}`;
}

function judge(report: RunReport, target: Target): Verdict {
  const ours = measuredValue(report, target, BARRAGE);
  const outcome = report.subjects.find(({ name }) => name === BARRAGE);
  // Half a run reaches goals too easily: what would have missed them may be what was cut off.
  if (outcome?.state !== 'measured') {
    const soFar = typeof ours === 'number' ? `; so far ${formatValue(ours)}` : '';
    return { target, state: 'not measured', detail: `the run was not finished${soFar}` };
  }
  if (typeof ours === 'string') return { target, state: 'not measured', detail: ours };
  const { against } = target.goal;
  if (against === undefined) return compare(report, target, ours);
  const theirs = measuredValue(report, target, against);
  if (typeof theirs === 'string') return { target, state: 'not measured', detail: theirs };
  if (theirs === 0) return { target, state: 'not measured', detail: `${against} measured 0` };
  return compare(report, target, ours / theirs);
}

function compare(report: RunReport, target: Target, value: number): Verdict {
  const { op, value: goal } = target.goal;
  const reached = op === '<=' ? value <= goal : op === '>=' ? value >= goal : value === goal;
  const detail = [
    ...(reached ? [] : [describeMiss(value, goal)]),
    ...(target.note === undefined ? [] : [target.note]),
    ...(report.options['quick'] === true ? ['a quick run'] : []),
    ...(isSaturated(report, target) ? ['the load generator was saturated'] : []),
  ];
  return { target, state: reached ? 'reached' : 'missed', value, detail: detail.join('; ') };
}

function describeMiss(value: number, goal: number): string {
  if (goal <= 0)
    return `off by ${Math.abs(value - goal).toLocaleString('en-US', { maximumSignificantDigits: 3 })}`;
  const percent = Math.abs(value / goal - 1) * 100;
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)}% ${value > goal ? 'above' : 'below'} the goal`;
}

interface FigureName {
  readonly group: string;
  readonly measurement: string;
  readonly statistic: Statistic | undefined;
}

function parseFigure(measuredBy: string): FigureName {
  const [, group = '', rest = ''] = measuredBy.split('/');
  const [measurement = '', statistic] = rest.split(':');
  return { group, measurement, statistic: statistic as Statistic | undefined };
}

function groupsFor(report: RunReport, target: Target, subject: string): readonly GroupData[] {
  const { group } = parseFigure(target.measuredBy ?? '');
  return report.groups.filter((one) => one.subject === subject && (group === '*' || one.key === group));
}

/** The subject's value of a target's figure, or why there is none. */
function measuredValue(report: RunReport, target: Target, subject: string): number | string {
  const { measurement, statistic } = parseFigure(target.measuredBy ?? '');
  const byGroup = new Map<string, number[]>();
  for (const group of groupsFor(report, target, subject)) {
    const found = group.measurements.find(({ key }) => key === measurement);
    if (!found) continue;
    const value = readValue(found, statistic);
    if (value === undefined || !Number.isFinite(value)) continue;
    // A count has no unit of its own.
    if (target.goal.against === undefined && found.unit !== '' && found.unit !== target.goal.unit)
      return `reported in ${found.unit}, the goal is in ${target.goal.unit}`;
    byGroup.set(group.key, [...(byGroup.get(group.key) ?? []), value]);
  }
  const means = [...byGroup.values()].map((values) => values.reduce((a, b) => a + b, 0) / values.length);
  if (means.length === 0) return `${subject} has no ${target.measuredBy} in this run`;
  return target.goal.op === '>=' ? Math.min(...means) : Math.max(...means);
}

function readValue(data: MeasurementData, statistic: Statistic | undefined): number | undefined {
  if (data.kind === 'figure') return statistic === undefined ? data.value : undefined;
  return data.summary[statistic ?? 'mean'];
}

function isSaturated(report: RunReport, target: Target): boolean {
  return groupsFor(report, target, BARRAGE).some(
    ({ generator }) => generator !== undefined && describeSaturation(generator) !== undefined,
  );
}
