// A comparison as a table of text, for every form of the report.
import { formatChange, formatValue } from '../report/format-value.ts';
import type { Table } from '../report/report-tables.ts';
import type { Change, Comparison } from './compare.ts';

/** One row for each number that both runs have. */
export function comparisonTable({ changes }: Comparison): Table {
  return {
    columns: ['conditions', 'measured', 'unit', 'before', 'now', 'change', '95% interval', 'verdict'],
    numeric: [3, 6],
    rows: changes.map((one) => [
      ...[one.group, one.title, one.unit, formatValue(one.old), formatValue(one.new)],
      ...[formatChange(one.change.value), formatInterval(one), describeVerdict(one)],
    ]),
  };
}

/** One line: what is compared, and how it came out. */
export function comparisonSummary({ baseline, changes, ratiosOnly, minEffect }: Comparison): string {
  const count = (verdict: Change['verdict']) => changes.filter((one) => one.verdict === verdict).length;
  const counts = (['regression', 'worse', 'better', 'changed', 'within noise', 'cannot be judged'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`);
  const what = ratiosOnly ? 'Ratios against rivals' : 'Figures';
  return [
    `${what} compared with ${baseline.file} (${baseline.startedAt.slice(0, 10)}, commit ${baseline.commit},`,
    `${baseline.repetitions} ${baseline.repetitions === 1 ? 'repetition' : 'repetitions'}):`,
    `${counts.join(', ') || 'nothing in common'}. A regression is worse by at least`,
    `${(minEffect * 100).toLocaleString('en-US')}%, and beyond the noise of all figures together (Holm).`,
  ].join(' ');
}

/** Warnings, and the keys that only one run has. */
export function comparisonRemarks({ warnings, onlyOld, onlyNew }: Comparison): string[] {
  return [
    ...warnings,
    ...(onlyOld.length > 0 ? [`Only in the baseline: ${onlyOld.join(', ')}.`] : []),
    ...(onlyNew.length > 0 ? [`Only in this run: ${onlyNew.join(', ')}.`] : []),
  ];
}

/** Counts that are the same in every repetition of both runs. */
function isUnchanged({ change: { value, interval } }: Change): boolean {
  return value === 0 && interval !== undefined && interval.low === interval.high;
}

function describeVerdict(one: Change): string {
  return isUnchanged(one) ? 'unchanged' : one.verdict;
}

function formatInterval(one: Change): string {
  const { interval } = one.change;
  if (!interval) return 'one repetition';
  return isUnchanged(one) ? '' : `${formatChange(interval.low)} to ${formatChange(interval.high)}`;
}
