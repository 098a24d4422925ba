// The reports a plan is made from: files named one by one, and folders of them.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { ReportFileError, readReport } from '../report/read-report.ts';
import type { ReportFile } from './capacities.ts';

/** Reports, and a sentence about each file of a folder that is none. */
export interface ReportFiles {
  readonly files: ReportFile[];
  readonly skipped: string[];
}

/** Reads them all. A file that was named must be a report: otherwise, and when there is none, ReportFileError. */
export function readReportFiles(names: readonly string[]): ReportFiles {
  const all: ReportFiles = { files: [], skipped: [] };
  for (const name of names) {
    if (!existsSync(name))
      throw new ReportFileError(`there is no report or folder of reports "${name}" (--from)`);
    if (statSync(name).isDirectory()) readFolder(name, all);
    else all.files.push({ file: path.basename(name), report: readReport(name) });
  }
  return all;
}

function readFolder(folder: string, all: ReportFiles): void {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    try {
      all.files.push({ file: path.basename(name), report: readReport(path.join(folder, name)) });
    } catch (error) {
      if (!(error instanceof ReportFileError)) throw error;
      all.skipped.push(error.message.split('\n')[0] ?? name);
    }
  }
}
