// Puts a report into files: JSON with everything, and the forms people read.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toMarkdown } from './markdown.ts';
import type { RunReport } from './run-report.ts';

/** Writes `SCENARIO-TIME.json` and `.md` into a folder and returns their paths. */
export async function writeReport(report: RunReport, folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const stamp = report.startedAt.replace(/[-:]/g, '').slice(0, 15);
  const base = path.join(folder, `${report.scenario}-${stamp}`);
  const forms = { json: `${JSON.stringify(report, null, 1)}\n`, md: toMarkdown(report) };
  for (const [ending, text] of Object.entries(forms)) await writeFile(`${base}.${ending}`, text);
  return Object.keys(forms).map((ending) => `${base}.${ending}`);
}
