// `npm run bench -- plan`: what an audience needs, from measured reports. Measures nothing itself.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { OptionError } from '../option-values.ts';
import { findCapacities, type ReportFile } from '../plan/capacities.ts';
import { planFor } from '../plan/plan.ts';
import { type Assumptions, PLAN_HELP, PLAN_OPTIONS, readAssumptions } from '../plan/plan-options.ts';
import { type PlanSection, planSections } from '../plan/plan-report.ts';
import { readReportFiles } from '../plan/report-files.ts';
import { markdownTable } from '../report/markdown-table.ts';
import { ReportFileError } from '../report/read-report.ts';
import { isParseError } from './parse-error.ts';
import { textTable } from './text-table.ts';

const DEFAULT_FROM = path.join(import.meta.dirname, '../results');
const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  from: { type: 'string', multiple: true },
  'assume-targets': { type: 'boolean' },
  out: { type: 'string' },
  ...PLAN_OPTIONS,
} as const satisfies ParseArgsOptionsConfig;

const HELP = {
  from: "a report's JSON file or a folder of them, more than once if wanted; default bench/results",
  'assume-targets': 'take the goals of bench/targets.json for what was not measured, and say so',
  out: 'file to write the plan to as Markdown',
  ...PLAN_HELP,
};

/** The options of `plan`. */
export function planUsage(): string {
  return [
    'plan: machines, links and monthly traffic for an audience, from measured figures',
    '',
    ...Object.entries(HELP).map(([option, text]) => `  --${option.padEnd(17)} ${text}`),
  ].join('\n');
}

interface PlanRequest {
  readonly given: Assumptions;
  readonly files: readonly ReportFile[];
  readonly skipped: readonly string[];
  readonly assumeTargets: boolean;
  readonly out: string | undefined;
}

/** Returns the exit code: 0 done, 2 wrong command line or file. */
export async function planCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(planUsage());
    return 0;
  }
  const request = readRequest(args);
  if (!request) return 2;
  for (const why of request.skipped) console.error(`left out: ${why}`);
  const { given, files, assumeTargets, out } = request;
  const capacities = findCapacities(files, { assumeTargets });
  const plans = given.viewers.map((viewers) => planFor(viewers, given, capacities));
  const sections = planSections(plans, given, capacities);
  console.log(sections.map(sectionText).join('\n'));
  if (out !== undefined) {
    await mkdir(path.dirname(path.resolve(out)), { recursive: true });
    await writeFile(out, sections.map(sectionMarkdown).join('\n'));
    console.log(`Written to ${out}.`);
  }
  return 0;
}

/** Undefined when the command line or a file is wrong, which has then been said. */
function readRequest(args: readonly string[]): PlanRequest | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const { from, out, help, 'assume-targets': assumeTargets = false, ...assumptions } = values;
    return {
      given: readAssumptions(assumptions),
      ...readReportFiles(from ?? [DEFAULT_FROM]),
      assumeTargets,
      out,
    };
  } catch (error) {
    const isMistake = error instanceof OptionError || error instanceof ReportFileError;
    if (!isMistake && !isParseError(error)) throw error;
    console.error(`${error.message}\n\n${planUsage()}`);
    return undefined;
  }
}

function sectionText({ title, columns, rows, remarks }: PlanSection): string {
  return [title, '', textTable(columns, rows), '', ...remarks.map((remark) => `${remark}\n`)].join('\n');
}

function sectionMarkdown({ title, columns, rows, remarks }: PlanSection): string {
  const notes = remarks.length > 0 ? [...remarks.map((remark) => `- ${remark}`), ''] : [];
  return [`### ${title}`, '', ...markdownTable(columns, rows), ...notes].join('\n');
}
