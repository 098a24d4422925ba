// `npm run bench -- SCENARIO [options]`: picks the scenario, shows progress, writes the report. Measures nothing.
import path from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { describeMachine } from './machine.ts';
import { type RunReport, toMarkdown, writeReport } from './report.ts';
import type { MeasurementGroup, Scenario } from './scenario.ts';
import { latency } from './scenarios/latency.ts';
import { sync } from './scenarios/sync.ts';

const SCENARIOS: readonly Scenario[] = [latency, sync];
const RESULTS = path.join(import.meta.dirname, 'results');
const COMMON_OPTIONS = {
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

/** Exit codes: 0 done, 1 failed, 2 wrong command line, 130 interrupted. */
async function main(args: readonly string[]): Promise<number> {
  const name = args[0] ?? '';
  if (name === '' || name.startsWith('-')) {
    console.log(usage());
    return ['--list', '--help', '-h'].includes(name) ? 0 : 2;
  }
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (!scenario) {
    console.error(`There is no scenario "${name}".\n\n${usage()}`);
    return 2;
  }
  const options = readOptions(scenario, args.slice(1));
  if (options['help']) {
    console.log(scenarioUsage(scenario));
    return 0;
  }
  return runScenario(scenario, options);
}

function readOptions(scenario: Scenario, args: string[]): RunReport['options'] {
  try {
    const { values } = parseArgs({ args, options: { ...COMMON_OPTIONS, ...scenario.options } });
    return values as RunReport['options'];
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${scenarioUsage(scenario)}`);
    process.exit(2);
  }
}

async function runScenario(scenario: Scenario, options: RunReport['options']): Promise<number> {
  const interrupted = listenForInterrupt();
  const startedAt = new Date();
  const groups: MeasurementGroup[] = [];
  const versions: Record<string, string> = {};
  let failure: Error | undefined;
  try {
    await scenario.run({
      options,
      signal: interrupted,
      progress: makeProgressLine(),
      report: (group) => groups.push(group),
      noteVersion: (program, version) => {
        versions[program] = version;
      },
    });
  } catch (error) {
    if (!interrupted.aborted) failure = error as Error;
  }
  process.stderr.write('\n');
  if (failure) console.error(`${scenario.name} failed: ${failure.message}`);
  if (groups.length > 0) {
    const finished = interrupted.aborted ? 'interrupted' : failure ? 'failed' : 'complete';
    const machine = describeMachine();
    await present({
      ...{ schema: 1, scenario: scenario.name, options, startedAt: startedAt.toISOString() },
      ...{ finished, machine, versions, groups },
    });
  }
  if (interrupted.aborted) return 130;
  return failure ? 1 : 0;
}

async function present(report: RunReport): Promise<void> {
  const base = await writeReport(report, RESULTS);
  console.log(toMarkdown(report));
  console.log(
    `Written to ${path.relative(process.cwd(), base)}.json and .md; the text above is for docs/BENCHMARKS.md.`,
  );
}

/** First Ctrl-C: stop measuring, clean up, report. Second: the processes started are ours to leave behind. */
function listenForInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) return;
      process.stderr.write('\ninterrupted: cleaning up\n');
      controller.abort();
    });
  }
  return controller.signal;
}

/** One line rewritten in place on a terminal; elsewhere a line whenever the text changes. */
function makeProgressLine(): (text: string) => void {
  const startedAt = performance.now();
  let last = '';
  return (text) => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K[${seconds} s] ${text}`);
    else if (text !== last) process.stderr.write(`[${seconds} s] ${text}\n`);
    last = text;
  };
}

function usage(): string {
  const list = SCENARIOS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`).join('\n');
  return `usage: npm run bench -- SCENARIO [options]\n\nScenarios:\n${list}\n\nSCENARIO --help lists its options.`;
}

function scenarioUsage(scenario: Scenario): string {
  const lines = Object.entries(scenario.help).map(([name, text]) => `  --${name.padEnd(14)} ${text}`);
  return `${scenario.name}: ${scenario.summary}\n\n${lines.join('\n')}`;
}

process.exitCode = await main(process.argv.slice(2));
