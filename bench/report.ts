// A run's report as JSON (schema version 1, every sample in it) and as Markdown for docs/BENCHMARKS.md.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  DISTRIBUTION_COLUMNS,
  distributionCells,
  plotHistogram,
  summarize,
} from './instruments/histogram.ts';
import type { MachineDescription } from './machine.ts';
import type { MeasurementGroup } from './scenario.ts';

/** Everything known of one run. */
export interface RunReport {
  readonly schema: 1;
  readonly scenario: string;
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly startedAt: string;
  readonly finished: 'complete' | 'interrupted' | 'failed';
  readonly machine: MachineDescription;
  readonly versions: Readonly<Record<string, string>>;
  readonly groups: readonly MeasurementGroup[];
}

/** The report's text: conditions, a table of figures, a plot of each path's first measurement, CPU. */
export function toMarkdown(report: RunReport): string {
  const lines = [
    `### ${report.scenario}, ${report.startedAt.slice(0, 10)}`,
    '',
    describeConditions(report),
    '',
  ];
  if (report.finished !== 'complete') lines.push(`**This run was not finished: ${report.finished}.**`, '');
  lines.push(...figureTable(report.groups), '');
  for (const group of report.groups) lines.push(...describeGroup(group));
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
    'Publisher, server and browser share these cores.',
  ].join(' ');
}

function figureTable(groups: readonly MeasurementGroup[]): string[] {
  const header = ['measured', 'unit', ...DISTRIBUTION_COLUMNS];
  const rows = groups.flatMap(({ measurements }) =>
    measurements.map(({ title, unit, samples }) => [title, unit, ...distributionCells(summarize(samples))]),
  );
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function describeGroup(group: MeasurementGroup): string[] {
  const lines = [`#### ${group.title}`, ''];
  const first = group.measurements[0];
  if (first) lines.push('```text', `${first.title} (${first.unit})`, plotHistogram(first.samples), '```', '');
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
  if (group.notes.length > 0) lines.push(...group.notes.map((note) => `- ${note}`), '');
  return lines;
}

/** Writes `SCENARIO-TIME.json` and `.md` into a folder and returns their path without the ending. */
export async function writeReport(report: RunReport, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const stamp = report.startedAt.replace(/[-:]/g, '').slice(0, 15);
  const base = path.join(folder, `${report.scenario}-${stamp}`);
  await writeFile(`${base}.json`, `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(`${base}.md`, toMarkdown(report));
  return base;
}
