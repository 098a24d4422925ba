// The tables of a report as rows of text, for every form of it. With several repetitions they hold means and
// confidence intervals, otherwise the values themselves.
import { formatEstimate, formatValue } from './format-value.ts';
import { distributionsOf, type MergedGroup, mergeGroups } from './merged-group.ts';
import { ratiosAgainstRivals } from './ratios.ts';
import type { DistributionData, RunReport } from './run-report.ts';
import { estimateMean, meanOf } from './statistics.ts';

/** Cells are plain text: whoever writes them into a format escapes them. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** First and last column that hold numbers; the others hold words. */
  readonly numeric: readonly [first: number, last: number];
}

/** Count, extremes, mean and percentiles of each distribution. */
export function distributionTable(report: RunReport): Table {
  return {
    columns: ['conditions', 'measured', 'unit', 'n', 'min', 'mean', 'p50', 'p90', 'p95', 'p99', 'max'],
    numeric: [3, 10],
    rows: mergeGroups(report).flatMap((group) =>
      measurementsOf(group, 'distribution').map(({ key, title, unit }) => [
        ...[group.name, title, unit],
        ...distributionCells(distributionsOf(group, key)),
      ]),
    ),
  };
}

/** Single figures. */
export function figureTable(report: RunReport): Table {
  return {
    columns: ['conditions', 'measured', 'value', 'unit'],
    numeric: [2, 2],
    rows: mergeGroups(report).flatMap((group) =>
      measurementsOf(group, 'figure').map(({ key, title, unit }) => {
        const values = group.repetitions.flatMap(({ measurements }) =>
          measurements.flatMap((one) => (one.kind === 'figure' && one.key === key ? [one.value] : [])),
        );
        return [group.name, title, formatEstimate(estimateMean(values)), unit];
      }),
    ),
  };
}

/** Barrage against each rival. */
export function ratioTable(report: RunReport): Table {
  return {
    columns: ['conditions', 'measured', 'rival', 'Barrage / rival', 'Barrage is'],
    numeric: [3, 3],
    rows: ratiosAgainstRivals(report).map(({ group, title, rival, estimate, verdict }) => [
      ...[group, title, rival, formatEstimate(estimate, 'x'), verdict],
    ]),
  };
}

/** CPU of each kind of process as percent of one core, mean over the repetitions. */
export function cpuTable(report: RunReport): Table {
  const groups = mergeGroups(report).filter(({ repetitions }) => repetitions.some(({ cpu }) => cpu));
  const shares = groups.map((group) => ({ group, byProcess: cpuShares(group) }));
  const processes = [...new Set(shares.flatMap(({ byProcess }) => [...byProcess.keys()]))].sort();
  return {
    columns: ['conditions', ...processes],
    numeric: [1, processes.length],
    rows: shares.map(({ group, byProcess }) => [
      group.name,
      ...processes.map((name) => {
        const share = byProcess.get(name);
        return share === undefined ? '' : `${Math.round(share * 100)}%`;
      }),
    ]),
  };
}

/** Below this share of a core a process only clutters. */
const IDLE_SHARE = 0.005;

/** Share of one core that each kind of process used, mean over the repetitions, without idle ones. */
export function cpuShares({ repetitions }: MergedGroup): ReadonlyMap<string, number> {
  const uses = repetitions.flatMap(({ cpu }) => cpu ?? []);
  const labels = [...new Set(uses.flatMap(({ cpuSeconds }) => Object.keys(cpuSeconds)))];
  const shares = labels.map((label): [string, number] => [
    label,
    meanOf(uses.map(({ cpuSeconds, wallSeconds }) => (cpuSeconds[label] ?? 0) / wallSeconds)),
  ]);
  return new Map(shares.filter(([, share]) => share >= IDLE_SHARE).sort(([, a], [, b]) => b - a));
}

/** The measurements of one kind, each key once. */
function measurementsOf({ repetitions }: MergedGroup, kind: 'distribution' | 'figure') {
  const all = repetitions.flatMap(({ measurements }) => measurements.filter((one) => one.kind === kind));
  return [...new Map(all.toReversed().map((one) => [one.key, one])).values()].reverse();
}

function distributionCells(distributions: readonly DistributionData[]): string[] {
  const each = (name: keyof DistributionData['summary']) => distributions.map(({ summary }) => summary[name]);
  const mean = (name: 'mean' | 'p90' | 'p95') => formatValue(meanOf(each(name)));
  const estimate = (name: 'p50' | 'p99') => formatEstimate(estimateMean(each(name)));
  return [
    each('count')
      .reduce((sum, count) => sum + count, 0)
      .toLocaleString('en-US'),
    ...[formatValue(Math.min(...each('min'))), mean('mean'), estimate('p50'), mean('p90'), mean('p95')],
    ...[estimate('p99'), formatValue(Math.max(...each('max')))],
  ];
}
