// The help texts of the bench command.

import { ALL_HELP } from '../all/all-options.ts';
import { SCENARIOS } from '../all-scenarios.ts';
import { HISTORY_HELP } from '../history/history-options.ts';
import type { Rival } from '../rivals/rival.ts';
import { RIVALS } from '../rivals/rivals.ts';
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

/** What there is to run, and to run against. */
export function scenarioList(): string {
  return [
    'usage: npm run bench -- SCENARIO [options]',
    '',
    'Scenarios, and the rivals of each:',
    ...SCENARIOS.flatMap(({ name, summary, rivals }) => [
      `  ${name.padEnd(10)} ${summary}`,
      ...(rivals.length > 0 ? [`  ${' '.repeat(10)} against ${rivals.join(', ')}`] : []),
    ]),
    '',
    'Rivals (for --against), none of which is needed:',
    ...RIVALS.map(describeRival),
    '',
    'Other commands:',
    '  all        every scenario one after the other, and an index of the reports',
    '  plan       machines, links and monthly traffic for an audience, from measured figures',
    '  ci         the short subset whose ratios the tests compare with a committed baseline',
    '  render     Markdown, HTML and plots of a stored report',
    '',
    'SCENARIO --help, all --help, plan --help, ci --help, render --help list their options.',
  ].join('\n');
}

function describeRival({ name, title, install, findMissing }: Rival): string {
  const missing = findMissing();
  const state = missing === undefined ? 'installed' : `missing: ${missing}; \`${install}\``;
  return `  ${name.padEnd(10)} ${title}, ${state}`;
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
