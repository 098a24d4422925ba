// What is done with a report when its run is over: written, printed, saved as a baseline, compared with one.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkFailures } from '../history/check.ts';
import { type Comparison, compareReports } from '../history/compare.ts';
import type { HistoryOptions } from '../history/history-options.ts';
import { toMarkdown } from '../report/markdown.ts';
import type { RunReport } from '../report/run-report.ts';
import { toJson, writeReport } from '../report/write-report.ts';
import type { Scenario } from '../scenario.ts';

export interface PresentOptions {
  /** Folder of the reports. */
  readonly folder: string;
  readonly scenario: Scenario;
  readonly history: HistoryOptions;
}

/** Returns false when `--check` was asked for and fails. A report without results is not written. */
export async function presentReport(report: RunReport, options: PresentOptions): Promise<boolean> {
  const { folder, scenario, history } = options;
  for (const { name, state, detail } of report.subjects) {
    if (detail !== undefined) console.error(`${report.scenario}: ${name} ${state}: ${detail}`);
  }
  if (report.groups.length === 0) {
    const written = await writeReport(report, folder, { scenario });
    console.log(`Nothing was measured. Written to ${listOf(written)}.`);
    return !history.check;
  }
  const comparison = compare(report, history);
  const files = await writeReport(report, folder, { scenario, comparison });
  console.log(toMarkdown(report, comparison));
  console.log(`Written to ${listOf(files)}.`);
  if (history.save !== undefined) await save(report, history.save);
  return !history.check || check(comparison);
}

function listOf(files: readonly string[]): string {
  return files.map((file) => path.relative(process.cwd(), file)).join(', ');
}

function compare(report: RunReport, { baseline, minEffect, ratiosOnly }: HistoryOptions) {
  if (!baseline) return undefined;
  return compareReports(baseline.report, report, { baselineFile: baseline.file, minEffect, ratiosOnly });
}

/** Half a run would pass for a whole one ever after. */
async function save(report: RunReport, file: string): Promise<void> {
  if (report.finished !== 'complete') {
    console.error(`Not saved to ${file}: the run is ${report.finished}.`);
    return;
  }
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeFile(file, toJson(report));
  console.log(`Saved to ${file}.`);
}

function check(comparison: Comparison | undefined): boolean {
  const failures = comparison ? checkFailures(comparison) : [];
  for (const failure of failures) console.error(`check: ${failure}`);
  if (failures.length === 0) console.log('check: no regression beyond noise.');
  return failures.length === 0;
}
