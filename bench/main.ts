// `npm run bench -- SCENARIO [options]` and its other commands: picks what to do. Measures nothing.
import { SCENARIOS } from './all-scenarios.ts';
import { allCommand } from './commands/all-command.ts';
import { ciCommand } from './commands/ci-command.ts';
import { listenForInterrupt } from './commands/interrupt.ts';
import { planCommand } from './commands/plan-command.ts';
import { renderCommand } from './commands/render-command.ts';
import { runCommand } from './commands/run-command.ts';
import { scenarioList } from './commands/usage.ts';

/** Exit codes: 0 done, 1 failed, 2 wrong command line, 130 interrupted. */
async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args;
  if (name === '' || name.startsWith('-')) {
    console.log(scenarioList());
    return ['--list', '--help', '-h'].includes(name) ? 0 : 2;
  }
  if (name === 'all') return allCommand(SCENARIOS, rest, listenForInterrupt());
  if (name === 'ci') return ciCommand(rest, listenForInterrupt());
  if (name === 'render') return renderCommand(rest);
  if (name === 'plan') return planCommand(rest);
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario) return runCommand(scenario, rest, listenForInterrupt());
  console.error(`There is no scenario "${name}".\n\n${scenarioList()}`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
// A scenario that was cut off may still hold on to timers and sockets.
setTimeout(() => process.exit(), 5_000).unref();
