// The report of a run of all scenarios, as Markdown and as a page that links theirs. Pure.
import type { MachineDescription } from '../machine.ts';
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
  const linkOf = (name: string) => {
    const files = contents.results.find((one) => one.name === name)?.files ?? [];
    const links = files.map(
      (file) => `<a href="${escapeHtml(encodeURI(file))}">${escapeHtml(endingOf(file))}</a>`,
    );
    return links.join(' ') || '-';
  };
  const summary = contents.summary.map((row) => [...row.map(escapeHtml), linkOf(row[0] ?? '')]);
  return [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Barrage: all scenarios</title>',
    '<meta name="viewport" content="width=device-width"><style>',
    'body{font:15px/1.45 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem}',
    'table{border-collapse:collapse;margin:1rem 0}td,th{border:1px solid #8886;padding:.3rem .6rem;text-align:left;vertical-align:top}',
    ':root{color-scheme:light dark}</style>',
    `<h1>All scenarios, ${escapeHtml(contents.startedAt.slice(0, 10))}</h1>`,
    `<p>${escapeHtml(describeRun(contents)).replaceAll(/`([^`]*)`/g, '<code>$1</code>')}</p>`,
    ...(contents.interrupted ? ['<p><strong>This run was interrupted.</strong></p>'] : []),
    htmlTable([...SUMMARY_COLUMNS, 'reports'], summary),
    '<h2>Targets</h2>',
    htmlTable(
      VERDICT_COLUMNS,
      contents.targets.map((row) => row.map(escapeHtml)),
    ),
    '</html>\n',
  ].join('\n');
}

function describeRun({ command, machine, seconds }: IndexContents): string {
  return [
    `\`npm run bench -- ${command}\` took ${seconds} s on ${machine.cores} cores of ${machine.cpu},`,
    `${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel}; Node ${machine.node},`,
    `ffmpeg ${machine.ffmpeg}; commit ${machine.commit}. Server and load generator share these cores.`,
  ].join(' ');
}

/** Cells are HTML already. */
function htmlTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  return `<table>${line(header, 'th')}\n${rows.map((row) => line(row, 'td')).join('\n')}</table>`;
}

function endingOf(file: string): string {
  return file.slice(file.lastIndexOf('.') + 1);
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
