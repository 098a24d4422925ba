// A run's report as Markdown, for a terminal and for docs/BENCHMARKS.md.
import { DISTRIBUTION_COLUMNS, distributionCells } from '../instruments/histogram.ts';
import { describeSaturation } from '../instruments/load/generator-load.ts';
import { BARRAGE } from '../scenario.ts';
import { verdicts } from '../targets.ts';
import { formatValue } from './format-value.ts';
import { markdownTable } from './markdown-table.ts';
import type { GroupData, RunReport } from './run-report.ts';
import { countReached, VERDICT_COLUMNS, verdictRows } from './verdict-table.ts';

/** The report's text: conditions, tables of distributions and of single figures, CPU and remarks of each group. */
export function toMarkdown(report: RunReport): string {
  const lines = [
    `### ${report.scenario}, ${report.startedAt.slice(0, 10)}`,
    '',
    describeConditions(report),
    '',
  ];
  if (report.finished !== 'complete') lines.push(`**This run was not finished: ${report.finished}.**`, '');
  for (const { name, state, detail } of report.subjects) {
    if (state !== 'measured') lines.push(`**${name}: ${state}${detail ? `: ${detail}` : ''}.**`, '');
  }
  lines.push(...distributionTable(report), ...figureTable(report), ...targetSection(report));
  for (const group of report.groups) lines.push(...describeGroup(report, group));
  return lines.join('\n');
}

function describeConditions({ machine, versions, options, scenario }: RunReport): string {
  const flags = Object.entries(options).map(
    ([name, value]) => `--${name}${value === true ? '' : ` ${value}`}`,
  );
  const others = Object.entries(versions).map(([program, version]) => `${program} ${version}`);
  return [
    `\`npm run bench -- ${[scenario, ...flags].join(' ')}\` on ${machine.cores} cores of ${machine.cpu},`,
    `${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel};`,
    `${[`Node ${machine.node}`, `ffmpeg ${machine.ffmpeg}`, ...others].join(', ')}; commit ${machine.commit}.`,
    'Server and load generator share these cores.',
  ].join(' ');
}

function distributionTable(report: RunReport): string[] {
  const rows = report.groups.flatMap((group) =>
    group.measurements.flatMap((one) =>
      one.kind === 'distribution'
        ? [[titleOf(report, group), one.title, one.unit, ...distributionCells(one.summary)]]
        : [],
    ),
  );
  return markdownTable(['conditions', 'measured', 'unit', ...DISTRIBUTION_COLUMNS], rows);
}

function figureTable(report: RunReport): string[] {
  const rows = report.groups.flatMap((group) =>
    group.measurements.flatMap((one) =>
      one.kind === 'figure' ? [[titleOf(report, group), one.title, formatValue(one.value), one.unit]] : [],
    ),
  );
  return markdownTable(['conditions', 'measured', 'value', 'unit'], rows);
}

function targetSection(report: RunReport): string[] {
  const judged = verdicts(report);
  if (judged.length === 0) return [];
  return [
    `#### Targets: ${countReached(judged)}`,
    '',
    ...markdownTable(VERDICT_COLUMNS, verdictRows(judged)),
  ];
}

/** A group's title, with its subject and repetition where there are several. */
function titleOf(report: RunReport, group: GroupData): string {
  const rivals = report.subjects.length > 1 && group.subject !== BARRAGE ? `${group.subject}: ` : '';
  const again = group.repetition > 1 ? ` (${group.repetition})` : '';
  return `${rivals}${group.title}${again}`;
}

function describeGroup(report: RunReport, group: GroupData): string[] {
  const lines = [`#### ${titleOf(report, group)}`, ''];
  if (group.cpu) {
    const { wallSeconds, cpuSeconds } = group.cpu;
    const uses = Object.entries(cpuSeconds)
      .filter(([, seconds]) => seconds >= 0.05)
      .sort(([, a], [, b]) => b - a)
      .map(
        ([label, seconds]) =>
          `${label} ${seconds.toFixed(1)} s (${Math.round((seconds / wallSeconds) * 100)}%)`,
      );
    lines.push(`CPU over ${wallSeconds.toFixed(0)} s, percent of one core: ${uses.join(', ')}.`, '');
  }
  const saturation = group.generator && describeSaturation(group.generator);
  const notes = saturation ? [`**${saturation}**`, ...group.notes] : group.notes;
  if (notes.length > 0) lines.push(...notes.map((note) => `- ${note}`), '');
  return lines;
}
