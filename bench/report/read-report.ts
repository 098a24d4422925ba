// Reads a report's JSON file back, checked field by field: it may be another file, from another version, or
// edited by hand.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { reportSchema } from './report-schema.ts';
import { REPORT_SCHEMA, type RunReport } from './run-report.ts';

/** A file that cannot be used as a report; the message names it and says why. */
export class ReportFileError extends Error {}

/** The report in `file`. Throws {@link ReportFileError}. */
export function readReport(file: string): RunReport {
  const value = parseJson(file);
  const version = (value as { schema?: unknown } | null)?.schema;
  if (typeof version !== 'number') throw new ReportFileError(`${file} is not a report of this bench`);
  if (version !== REPORT_SCHEMA) {
    throw new ReportFileError(
      `${file} is a report of schema version ${version}; this bench reads version ${REPORT_SCHEMA}`,
    );
  }
  const parsed = reportSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ReportFileError(`${file} is not a valid report:\n${z.prettifyError(parsed.error)}`);
}

function parseJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? `there is no file ${file}` : `${file} cannot be read: ${(cause as Error).message}`;
    throw new ReportFileError(why, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ReportFileError(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}
