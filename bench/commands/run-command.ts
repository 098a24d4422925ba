// `npm run bench -- SCENARIO`: reads its options, runs it, writes and prints the report.
import path from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { HISTORY_OPTIONS, type HistoryOptions, readHistoryOptions } from '../history/history-options.ts';
import { OptionError, readChoices, readCount, readNumber } from '../option-values.ts';
import { RIVALS } from '../rivals/rivals.ts';
import { type RunSettings, runScenario } from '../run.ts';
import type { OptionValues, Scenario } from '../scenario.ts';
import { readTarget } from '../target.ts';
import { isParseError } from './parse-error.ts';
import { presentReport } from './present-report.ts';
import { makeProgressLine } from './progress-line.ts';
import { scenarioUsage } from './usage.ts';

const DEFAULT_OUT = path.join(import.meta.dirname, '../results');
const COMMON_OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  quick: { type: 'boolean' },
  repeat: { type: 'string' },
  against: { type: 'string' },
  out: { type: 'string' },
  'time-limit': { type: 'string' },
  ...HISTORY_OPTIONS,
} as const satisfies ParseArgsOptionsConfig;

/** Returns the exit code: 0 done, 1 failed, 2 wrong command line, 130 interrupted. */
export async function runCommand(
  scenario: Scenario,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const settings = readSettings(scenario, args, signal);
  if (!settings) return 2;
  if (settings.options['help']) {
    console.log(scenarioUsage(scenario));
    return 0;
  }
  const report = await runScenario(scenario, settings);
  process.stderr.write('\n');
  const passed = await presentReport(report, {
    folder: String(settings.options['out'] ?? DEFAULT_OUT),
    ...{ scenario, history: settings.history },
  });
  if (report.finished === 'interrupted') return 130;
  return report.finished === 'complete' && passed ? 0 : 1;
}

/** Undefined when the command line is wrong, which has then been said. */
function readSettings(
  scenario: Scenario,
  args: readonly string[],
  signal: AbortSignal,
): (RunSettings & { readonly history: HistoryOptions }) | undefined {
  try {
    const { values } = parseArgs({ args: [...args], options: { ...COMMON_OPTIONS, ...scenario.options } });
    const options = values as OptionValues;
    readTarget(options);
    scenario.checkOptions(options);
    const names = options['against'] === undefined ? [] : readAgainst(scenario, options['against']);
    if (options['ratios'] && names.length === 0) throw new OptionError('--ratios needs --against RIVAL');
    const repetitions = readCount(options['repeat'], 'repeat', { fallback: 1, max: 100 });
    return {
      ...{ options, repetitions, quick: options['quick'] === true, timeLimitMs: readTimeLimit(options) },
      history: readHistoryOptions(options, { scenario: scenario.name, repetitions }),
      against: names.flatMap((name) => RIVALS.find((rival) => rival.name === name) ?? []),
      signal,
      progress: makeProgressLine(),
    };
  } catch (error) {
    if (!(error instanceof OptionError) && !isParseError(error)) throw error;
    console.error(`${error.message}\n\n${scenarioUsage(scenario)}`);
    return undefined;
  }
}

function readAgainst(scenario: Scenario, value: string | boolean): readonly string[] {
  if (scenario.rivals.length === 0) throw new OptionError(`--against: ${scenario.name} has no rivals yet`);
  return readChoices(value, 'against', scenario.rivals);
}

/** `--time-limit` in ms; undefined when none was given. */
function readTimeLimit({ 'time-limit': value }: OptionValues): number | undefined {
  return value === undefined ? undefined : readNumber(value, 'time-limit', 1) * 1000;
}
