// The report of a run of all scenarios, as Markdown and as a page that links theirs. Pure.
import type { MachineDescription } from '../machine.ts';
import { htmlPage } from '../report/html-page.ts';
import { escapeHtml, htmlList, htmlTable } from '../report/html-text.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { VERDICT_COLUMNS } from '../report/verdict-table.ts';
import type { ScenarioResult } from './scenario-process.ts';
import { SUMMARY_COLUMNS } from './summary.ts';

/** What the index says. */
export interface IndexContents {
  /** Command line after `npm run bench --`. */
  readonly command: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly interrupted: boolean;
  readonly machine: MachineDescription;
  /** Of {@link SUMMARY_COLUMNS}. */
  readonly summary: readonly (readonly string[])[];
  /** Of {@link VERDICT_COLUMNS}. */
  readonly targets: readonly (readonly string[])[];
  readonly results: readonly ScenarioResult[];
}

/** The index as Markdown; links are relative to its folder. */
export function indexMarkdown(contents: IndexContents): string {
  const links = contents.results.flatMap(({ name, files }) =>
    files.length === 0
      ? []
      : [`- ${name}: ${files.map((file) => `[${endingOf(file)}](${file})`).join(', ')}`],
  );
  return [
    `# All scenarios, ${contents.startedAt.slice(0, 10)}`,
    '',
    describeRun(contents),
    '',
    ...(contents.interrupted ? ['**This run was interrupted.**', ''] : []),
    ...markdownTable(SUMMARY_COLUMNS, contents.summary),
    ...(links.length > 0 ? ['Reports:', '', ...links, ''] : []),
    '## Targets',
    '',
    ...markdownTable(VERDICT_COLUMNS, contents.targets),
  ].join('\n');
}

/** The index as a page that needs nothing else. */
export function indexHtml(contents: IndexContents): string {
  const { startedAt, interrupted, summary, targets, results } = contents;
  const table = (columns: readonly string[], rows: IndexContents['summary']) =>
    htmlTable({ columns, rows, numeric: [columns.length, columns.length] });
  const links = results.filter(({ files }) => files.length > 0).map(reportLinks);
  return htmlPage('Barrage: all scenarios', [
    `<h1>All scenarios, ${escapeHtml(startedAt.slice(0, 10))}</h1>`,
    `<p class="lead">${escapeHtml(describeRun(contents)).replaceAll(/`([^`]*)`/g, '<code>$1</code>')}</p>`,
    interrupted ? `<div class="warnings">${htmlList(['This run was interrupted.'])}</div>` : '',
    table(SUMMARY_COLUMNS, summary),
    links.length > 0 ? `<h2>Reports</h2><ul>${links.join('')}</ul>` : '',
    '<h2>Targets</h2>',
    table(VERDICT_COLUMNS, targets),
  ]);
}

function reportLinks({ name, files }: ScenarioResult): string {
  const links = files.map(
    (file) => `<a href="${escapeHtml(encodeURI(file))}">${escapeHtml(endingOf(file))}</a>`,
  );
  return `<li>${escapeHtml(name)}: ${links.join(' ')}</li>`;
}

function describeRun({ command, machine, seconds }: IndexContents): string {
  return [
    `\`npm run bench -- ${command}\` took ${seconds} s on ${machine.cores} cores of ${machine.cpu},`,
    `${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel}; Node ${machine.node},`,
    `ffmpeg ${machine.ffmpeg}; commit ${machine.commit}. Server and load generator share these cores.`,
  ].join(' ');
}

function endingOf(file: string): string {
  return file.slice(file.lastIndexOf('.') + 1);
}
