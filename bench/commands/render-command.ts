// `npm run bench -- render FILE.json`: makes the readable forms of a stored report anew, and its plots as files.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SCENARIOS } from '../all-scenarios.ts';
import { compareReports } from '../history/compare.ts';
import { HISTORY_HELP, HISTORY_OPTIONS, readHistoryOptions } from '../history/history-options.ts';
import { OptionError } from '../option-values.ts';
import { ReportFileError, readReport } from '../report/read-report.ts';
import { type RunReport, repetitionsOf } from '../report/run-report.ts';
import { writePlots, writeReadable } from '../report/write-report.ts';
import type { OptionValues } from '../scenario.ts';
import { isParseError } from './parse-error.ts';

const { compare, ratios, 'min-effect': minEffect } = HISTORY_OPTIONS;
const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  svg: { type: 'string' },
  ...{ compare, ratios, 'min-effect': minEffect },
} as const;

const USAGE = [
  'render FILE.json: Markdown and HTML of a stored report, beside it',
  '',
  '  --svg            also write each plot into this folder, as SCENARIO-PLOT.svg',
  `  --compare        ${HISTORY_HELP.compare}`,
  `  --ratios         ${HISTORY_HELP.ratios}`,
].join('\n');

/** Returns the exit code: 0 done, 1 not a report, 2 wrong command line. */
export async function renderCommand(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw new OptionError('render takes one FILE.json');
    const files = await render(file, values);
    console.log(`Written: ${files.map((one) => path.relative(process.cwd(), one)).join(', ')}.`);
    return 0;
  } catch (error) {
    if (error instanceof ReportFileError) {
      console.error(error.message);
      return 1;
    }
    if (!(error instanceof OptionError) && !isParseError(error)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

async function render(file: string, values: OptionValues): Promise<string[]> {
  const report = readReport(file);
  const scenario = SCENARIOS.find(({ name }) => name === report.scenario);
  const readable = await writeReadable(report, file, { scenario, comparison: comparisonOf(report, values) });
  return values['svg'] === undefined
    ? readable
    : [...readable, ...(await writePlots(report, String(values['svg'])))];
}

function comparisonOf(report: RunReport, values: OptionValues) {
  const run = { scenario: report.scenario, repetitions: repetitionsOf(report) };
  const { baseline, ...options } = readHistoryOptions(values, run);
  return baseline && compareReports(baseline.report, report, { ...options, baselineFile: baseline.file });
}
