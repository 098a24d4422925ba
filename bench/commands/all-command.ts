// `npm run bench -- all`: every scenario one after the other, whatever becomes of each, and an index of their
// reports. Ends for sure: each has a time limit, and a harder one behind it.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  type AllOptions,
  readAllOptions,
  rivalsOf,
  scenarioArguments,
  timeLimitOf,
} from '../all/all-options.ts';
import { type IndexContents, indexHtml, indexMarkdown } from '../all/index-report.ts';
import { runScenarioProcess, type ScenarioResult } from '../all/scenario-process.ts';
import { hasFailed, SUMMARY_COLUMNS, summaryRows, targetRows } from '../all/summary.ts';
import { describeMachine } from '../machine.ts';
import { OptionError } from '../option-values.ts';
import type { Scenario } from '../scenario.ts';
import { readTargets } from '../targets.ts';
import { isParseError } from './parse-error.ts';
import { textTable } from './text-table.ts';
import { allUsage } from './usage.ts';

const RESULTS = path.join(import.meta.dirname, '../results');
/** Starting, cleaning up and writing reports, on top of what is measured. */
const MARGIN_MS = 60_000;

/** Returns the exit code: 0 all done, 1 one failed, 2 wrong command line, 130 interrupted. */
export async function allCommand(
  scenarios: readonly Scenario[],
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const options = readOptions(args, scenarios);
  if (!options) return 2;
  if (options.help) {
    console.log(allUsage());
    return 0;
  }
  const startedAt = new Date();
  const out = options.out ?? path.join(RESULTS, `all-${stampOf(startedAt)}`);
  const results = await runAll(options, out, signal);
  const targets = readTargets();
  const summary = summaryRows(options.scenarios, results, targets);
  const files = await writeIndex(out, {
    ...{
      command: ['all', ...args].join(' '),
      startedAt: startedAt.toISOString(),
      machine: describeMachine(),
    },
    seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    ...{ interrupted: signal.aborted, summary, targets: targetRows(results, targets), results },
  });
  console.log(`\n${textTable(SUMMARY_COLUMNS, summary)}\n`);
  console.log(`Written to ${files.map((file) => path.relative(process.cwd(), file)).join(', ')}.`);
  if (signal.aborted) return 130;
  return results.some(hasFailed) ? 1 : 0;
}

/** Undefined when the command line is wrong, which has then been said. */
function readOptions(args: readonly string[], scenarios: readonly Scenario[]): AllOptions | undefined {
  try {
    return readAllOptions(args, scenarios);
  } catch (error) {
    if (!(error instanceof OptionError) && !isParseError(error)) throw error;
    console.error(`${error.message}\n\n${allUsage()}`);
    return undefined;
  }
}

async function runAll(options: AllOptions, out: string, signal: AbortSignal): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const [index, scenario] of options.scenarios.entries()) {
    if (signal.aborted) break;
    const { name } = scenario;
    process.stderr.write(`\n${name} (${index + 1} of ${options.scenarios.length}): ${scenario.summary}\n`);
    const subjects = 1 + rivalsOf(scenario, options).length;
    const result = await runScenarioProcess({
      ...{ name, out, signal, args: scenarioArguments(scenario, options, out) },
      hardLimitMs: subjects * options.repetitions * (timeLimitOf(scenario, options) * 1000 + MARGIN_MS),
      progress: (line) => process.stderr.write(`${name}: ${line}\n`),
    });
    results.push(result);
  }
  return results;
}

async function writeIndex(folder: string, contents: IndexContents): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const forms = { 'index.md': indexMarkdown(contents), 'index.html': indexHtml(contents) };
  for (const [file, text] of Object.entries(forms)) await writeFile(path.join(folder, file), text);
  return Object.keys(forms).map((file) => path.join(folder, file));
}

function stampOf(date: Date): string {
  return date.toISOString().replace(/[-:]/g, '').slice(0, 15);
}
