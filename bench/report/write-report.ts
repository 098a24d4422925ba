// Puts a report into files: JSON with everything, and the forms people read.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Comparison } from '../history/compare.ts';
import { type ScenarioDescription, toHtml } from './html.ts';
import { toMarkdown } from './markdown.ts';
import { renderPlots } from './plots.ts';
import type { RunReport } from './run-report.ts';

/** What the readable forms show besides the report itself. */
export interface ReportExtras {
  readonly comparison?: Comparison | undefined;
  readonly scenario?: ScenarioDescription | undefined;
}

/** Writes `SCENARIO-TIME.json`, `.md` and `.html` into a folder and returns their paths. */
export async function writeReport(
  report: RunReport,
  folder: string,
  extras: ReportExtras = {},
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const stamp = report.startedAt.replace(/[-:]/g, '').slice(0, 15);
  const file = path.join(folder, `${report.scenario}-${stamp}.json`);
  await writeFile(file, toJson(report));
  return [file, ...(await writeReadable(report, file, extras))];
}

/** Writes the Markdown and the HTML beside the report's JSON file and returns their paths. */
export async function writeReadable(
  report: RunReport,
  jsonFile: string,
  extras: ReportExtras = {},
): Promise<string[]> {
  const plots = await renderPlots(report);
  const forms = {
    md: toMarkdown(report, extras.comparison),
    html: toHtml(report, { ...extras, plots, jsonFile: path.basename(jsonFile) }),
  };
  const base = jsonFile.replace(/\.json$/, '');
  for (const [ending, text] of Object.entries(forms)) await writeFile(`${base}.${ending}`, text);
  return Object.keys(forms).map((ending) => `${base}.${ending}`);
}

/** Writes each plot into a folder as `SCENARIO-PLOT.svg`, names that stay the same, and returns the paths. */
export async function writePlots(report: RunReport, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files: string[] = [];
  for (const { key, svg } of await renderPlots(report)) {
    const file = path.join(folder, `${report.scenario}-${key}.svg`);
    await writeFile(file, `${svg}\n`);
    files.push(file);
  }
  return files;
}

/** A report as its JSON file has it. */
export function toJson(report: RunReport): string {
  return `${JSON.stringify(report, null, 1)}\n`;
}
