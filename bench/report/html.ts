// A run's report as one HTML file that needs nothing else: no scripts, no network. For sending around.
import type { Comparison } from '../history/compare.ts';
import { comparisonRemarks, comparisonSummary, comparisonTable } from '../history/comparison-table.ts';
import { verdicts } from '../targets.ts';
import { htmlPage } from './html-page.ts';
import { escapeHtml, htmlList, htmlTable } from './html-text.ts';
import { keyFigureTable } from './key-figures.ts';
import type { PlotKind, RenderedPlot } from './plots.ts';
import { commandOf, notesByGroup, repetitionSentence, versionsOf, warningsOf } from './report-facts.ts';
import { cpuTable, distributionTable, figureTable, ratioTable } from './report-tables.ts';
import type { RunReport } from './run-report.ts';
import { countReached, VERDICT_COLUMNS, verdictRows } from './verdict-table.ts';

/** What the scenario says of itself. */
export interface ScenarioDescription {
  /** What it measures, in a sentence. */
  readonly summary: string;
  /** Its own figures, the one that says most first. */
  readonly figures?: readonly string[];
}

/** What the page shows besides the report itself. */
export interface HtmlParts {
  readonly plots: readonly RenderedPlot[];
  readonly comparison?: Comparison | undefined;
  readonly scenario?: ScenarioDescription | undefined;
  /** Name of the JSON file, which lies beside the page. */
  readonly jsonFile: string;
}

/** The whole page. */
export function toHtml(report: RunReport, { plots, comparison, scenario, jsonFile }: HtmlParts): string {
  const sections = [
    header(report, scenario?.summary),
    section('Key figures', repetitionSentence(report), [
      htmlTable(keyFigureTable(report, scenario?.figures ?? [])),
    ]),
    targets(report),
    rivals(report, plots),
    comparison ? history(comparison) : '',
    section('Plots', '', [figures(plots.filter(({ kind }) => !PLACED.includes(kind)))]),
    section('All figures', repetitionSentence(report), [
      htmlTable(figureTable(report)),
      htmlTable(distributionTable(report)),
    ]),
    section('CPU', 'Percent of one core, mean over the measured stretch.', [
      figures(plots.filter(({ kind }) => kind === 'cpu')),
      htmlTable(cpuTable(report)),
    ]),
    notes(report),
    conditions(report, jsonFile),
  ];
  const title = `Barrage benchmark: ${report.scenario}, ${report.startedAt.slice(0, 10)}`;
  return htmlPage(title, sections);
}

function header(report: RunReport, summary: string | undefined): string {
  const { machine, startedAt, seconds } = report;
  const when = `${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)} UTC, ${seconds} s`;
  const warnings = warningsOf(report);
  return [
    `<h1>Barrage benchmark: ${escapeHtml(report.scenario)}</h1>`,
    ...(summary ? [`<p>${escapeHtml(summary)}</p>`] : []),
    `<p class="lead">${escapeHtml(`${when}. ${machine.cores} cores of ${machine.cpu}, commit ${machine.commit}.`)}</p>`,
    `<pre><code>${escapeHtml(commandOf(report))}</code></pre>`,
    warnings.length > 0 ? `<div class="warnings">${htmlList(warnings)}</div>` : '',
  ].join('\n');
}

/** Plots that stand in sections of their own. */
const PLACED: readonly PlotKind[] = ['cpu', 'ratios'];

/** Two in a row; those with words at the side one in a row. */
function figures(plots: readonly RenderedPlot[]): string {
  if (plots.length === 0) return '';
  const each = plots.map(
    ({ svg, title }) => `<figure role="img" aria-label="${escapeHtml(title)}">${svg}</figure>`,
  );
  const isWide = plots.every(({ kind }) => PLACED.includes(kind));
  return `<div class="plots${isWide ? ' wide' : ''}">${each.join('\n')}</div>`;
}

/** Empty when the parts are. */
function section(title: string, lead: string, parts: readonly string[]): string {
  const content = parts.filter(Boolean);
  if (content.length === 0) return '';
  const intro = lead ? [`<p class="small">${escapeHtml(lead)}</p>`] : [];
  return ['<section>', `<h2>${escapeHtml(title)}</h2>`, ...intro, ...content, '</section>'].join('\n');
}

function targets(report: RunReport): string {
  const judged = verdicts(report);
  const rows = verdictRows(judged);
  return section(`Targets: ${countReached(judged)}`, '', [
    htmlTable({ columns: VERDICT_COLUMNS, rows, numeric: [2, 2] }),
  ]);
}

function rivals(report: RunReport, plots: readonly RenderedPlot[]): string {
  const lead = 'Ratios of what both measured in this run, paired by repetition (geometric mean).';
  return section('Against rivals', lead, [
    htmlTable(ratioTable(report)),
    figures(plots.filter(({ kind }) => kind === 'ratios')),
  ]);
}

function history(comparison: Comparison): string {
  return section('Against an earlier run', comparisonSummary(comparison), [
    htmlList(comparisonRemarks(comparison)),
    htmlTable(comparisonTable(comparison)),
  ]);
}

function notes(report: RunReport): string {
  const groups = notesByGroup(report).filter((group) => group.notes.length > 0);
  return section(
    'Notes',
    '',
    groups.map((group) => `<h3>${escapeHtml(group.name)}</h3>${htmlList(group.notes)}`),
  );
}

function conditions(report: RunReport, jsonFile: string): string {
  const { machine, finished } = report;
  const facts = {
    Command: commandOf(report),
    Machine: `${machine.cores} cores of ${machine.cpu}, ${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel}`,
    Programs: versionsOf(report),
    Commit: machine.commit,
    Subjects: report.subjects.map(({ name, state }) => `${name} (${state})`).join(', '),
    Run: `${finished}, started ${report.startedAt}, ${report.seconds} s`,
    'All data': `${jsonFile}, in the format of bench/report/report.schema.json`,
  };
  const items = Object.entries(facts).map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  return section(
    'Conditions',
    'Server and load generator share these cores, unless --target says otherwise.',
    [`<dl>${items.join('\n')}</dl>`],
  );
}
