// The help texts of the bench command.

import { ALL_HELP } from '../all/all-options.ts';
import { SCENARIOS } from '../all-scenarios.ts';
import { HISTORY_HELP } from '../history/history-options.ts';
import type { Scenario } from '../scenario.ts';

/** One line for each option that every scenario takes. */
export const COMMON_HELP = {
  quick: 'the shortest run that still means something',
  repeat: 'how often everything is measured, for confidence intervals; default 1',
  against: 'rivals to measure in the same run, alternating, for example ws,socket.io',
  out: 'folder of the reports; default bench/results',
  'time-limit':
    'seconds after which the measurement of a subject is ended and counts as failed; default none',
  ...HISTORY_HELP,
} as const;

/** What there is to run. */
export function scenarioList(): string {
  return [
    'usage: npm run bench -- SCENARIO [options]',
    '',
    'Scenarios:',
    ...SCENARIOS.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`),
    '',
    'Other commands:',
    '  all        every scenario one after the other',
    '  render     Markdown, HTML and plots of a stored report',
    '',
    'SCENARIO --help lists its options.',
  ].join('\n');
}

/** The options of `all`. */
export function allUsage(): string {
  const options = Object.entries(ALL_HELP).map(([option, text]) => `  --${option.padEnd(14)} ${text}`);
  return [
    'all: every scenario one after the other, with its defaults, and an index of the reports',
    '',
    ...options,
  ].join('\n');
}

/** A scenario's options. */
export function scenarioUsage({ name, summary, help, rivals }: Scenario): string {
  const common = { ...COMMON_HELP, against: `${COMMON_HELP.against}; here: ${rivals.join(', ') || 'none'}` };
  const describe = (texts: Readonly<Record<string, string>>) =>
    Object.entries(texts).map(([option, text]) => `  --${option.padEnd(14)} ${text}`);
  return [`${name}: ${summary}`, '', ...describe(help), '', 'Of every scenario:', ...describe(common)].join(
    '\n',
  );
}
