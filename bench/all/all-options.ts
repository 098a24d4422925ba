// The command line of `all`: which scenarios, against whom, for how long. Each scenario keeps its own defaults.
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { OptionError, readChoices, readCount, readNumber } from '../option-values.ts';
import { RIVALS } from '../rivals/rivals.ts';
import type { Scenario } from '../scenario.ts';

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  quick: { type: 'boolean' },
  only: { type: 'string' },
  against: { type: 'string' },
  repeat: { type: 'string' },
  'time-limit': { type: 'string' },
  out: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

const TIME_LIMIT_S = { quick: 90, full: 600 };

/** One line for each option, for `--help`. */
export const ALL_HELP: Readonly<Record<string, string>> = {
  quick: 'the shortest run of each that still means something',
  only: 'scenarios to run, for example latency,danmaku; default all',
  against: 'rivals to measure beside where a scenario has them, for example ws,nginx, or all; default none',
  repeat: 'how often everything is measured; default 1',
  'time-limit': `seconds one subject of a scenario may take; default ${TIME_LIMIT_S.full} (soak: 4200), with --quick ${TIME_LIMIT_S.quick}`,
  out: 'folder of the reports; default bench/results/all-TIME',
};

export interface AllOptions {
  readonly help: boolean;
  readonly quick: boolean;
  readonly scenarios: readonly Scenario[];
  /** Names of rivals; each scenario takes those that are its own. */
  readonly against: readonly string[];
  readonly repetitions: number;
  /** Undefined: as long as each scenario's own limit. */
  readonly timeLimitS: number | undefined;
  /** Undefined: the default. */
  readonly out: string | undefined;
}

/** Throws an {@link OptionError}, or parseArgs's own, for what makes no sense. */
export function readAllOptions(args: readonly string[], scenarios: readonly Scenario[]): AllOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const names = scenarios.map(({ name }) => name);
  const only = readChoices(values.only, 'only', names);
  const quick = values.quick === true;
  return {
    ...{ help: values.help === true, quick, out: values.out },
    scenarios: scenarios.filter(({ name }) => only.includes(name)),
    against: readAgainst(values.against),
    repetitions: readCount(values.repeat, 'repeat', { fallback: 1, max: 100 }),
    timeLimitS:
      values['time-limit'] === undefined ? undefined : readNumber(values['time-limit'], 'time-limit', 1),
  };
}

/** The command line of one scenario's run. */
export function scenarioArguments(scenario: Scenario, options: AllOptions, out: string): string[] {
  const against = rivalsOf(scenario, options);
  return [
    scenario.name,
    ...(options.quick ? ['--quick'] : []),
    ...[
      '--repeat',
      String(options.repetitions),
      '--time-limit',
      String(timeLimitOf(scenario, options)),
      '--out',
      out,
    ],
    ...(against.length === 0 ? [] : ['--against', against.join(',')]),
  ];
}

/** Seconds one subject of the scenario may take. */
export function timeLimitOf(scenario: Scenario, { timeLimitS, quick }: AllOptions): number {
  return timeLimitS ?? (quick ? TIME_LIMIT_S.quick : (scenario.longestS ?? TIME_LIMIT_S.full));
}

/** The rivals among those asked for that the scenario has. */
export function rivalsOf(scenario: Scenario, options: Pick<AllOptions, 'against'>): readonly string[] {
  return options.against.filter((name) => scenario.rivals.includes(name));
}

function readAgainst(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  const names = RIVALS.map(({ name }) => name);
  if (value === 'all') return names;
  const wrong = value.split(',').find((name) => !names.includes(name));
  if (wrong === undefined) return value.split(',');
  throw new OptionError(`--against takes ${[...names, 'all'].join(', ')}, not "${wrong}"`);
}
