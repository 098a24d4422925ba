// A run's report as Markdown, for a terminal and for docs/BENCHMARKS.md.
import type { Comparison } from '../history/compare.ts';
import { comparisonRemarks, comparisonSummary, comparisonTable } from '../history/comparison-table.ts';
import { verdicts } from '../targets.ts';
import { markdownTable } from './markdown-table.ts';
import { commandOf, notesByGroup, repetitionSentence, versionsOf, warningsOf } from './report-facts.ts';
import { cpuTable, distributionTable, figureTable, ratioTable, type Table } from './report-tables.ts';
import { type RunReport, repetitionsOf } from './run-report.ts';
import { countReached, VERDICT_COLUMNS, verdictRows } from './verdict-table.ts';

/** The report's text: conditions, warnings, figures, targets, rivals, an earlier run, CPU and notes. */
export function toMarkdown(report: RunReport, comparison?: Comparison): string {
  return [
    ...[`### ${report.scenario}, ${report.startedAt.slice(0, 10)}`, '', describeConditions(report), ''],
    ...warningsOf(report).flatMap((warning) => [`**${warning}**`, '']),
    ...(repetitionsOf(report) > 1 ? [repetitionSentence(report), ''] : []),
    ...toLines(distributionTable(report)),
    ...toLines(figureTable(report)),
    ...targetSection(report),
    ...titled('Against rivals', toLines(ratioTable(report))),
    ...(comparison ? comparisonSection(comparison) : []),
    ...titled('CPU, percent of one core', toLines(cpuTable(report))),
    ...noteSection(report),
  ].join('\n');
}

/** What became of each figure since an earlier run. */
export function comparisonSection(comparison: Comparison): string[] {
  const remarks = comparisonRemarks(comparison).map((remark) => `- ${remark}`);
  return titled('Against an earlier run', [
    ...[comparisonSummary(comparison), ''],
    ...(remarks.length > 0 ? [...remarks, ''] : []),
    ...toLines(comparisonTable(comparison)),
  ]);
}

function describeConditions(report: RunReport): string {
  const { machine } = report;
  return [
    `\`${commandOf(report)}\` on ${machine.cores} cores of ${machine.cpu},`,
    `${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel};`,
    `${versionsOf(report)}; commit ${machine.commit}.`,
    'Server and load generator share these cores.',
  ].join(' ');
}

function targetSection(report: RunReport): string[] {
  const judged = verdicts(report);
  return titled(`Targets: ${countReached(judged)}`, markdownTable(VERDICT_COLUMNS, verdictRows(judged)));
}

function noteSection(report: RunReport): string[] {
  return notesByGroup(report).flatMap(({ name, notes }) =>
    titled(name, notes.length === 0 ? [] : [...notes.map((note) => `- ${note}`), '']),
  );
}

function toLines({ columns, rows }: Table): string[] {
  return markdownTable(columns, rows);
}

/** Nothing when there are no lines. */
function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`#### ${title}`, '', ...lines];
}
