// What a person can do wrong on the command line of each scenario: refused by name and value before anything is
// started.
import t, { type Test } from 'tap';
import { SCENARIOS } from '../../bench/all-scenarios.ts';
import { runCommand } from '../../bench/commands/run-command.ts';
import { findFreePorts } from '../../bench/instruments/free-ports.ts';
import { RIVALS } from '../../bench/rivals/rivals.ts';
import type { Scenario } from '../../bench/scenario.ts';

/** Options of scenarios that take any text. */
const FREE_TEXT = ['publish', 'room'];

/** Runs the command in this process, interrupted before it starts: what is not refused measures nothing. */
async function run(t: Test, scenario: Scenario, args: readonly string[], signal = AbortSignal.abort()) {
  const said = t.capture(console, 'error');
  const printed = t.capture(console, 'log');
  const code = await runCommand(scenario, [...args, '--out', t.testdir()], signal);
  const text = [...said(), ...printed()].map(({ args: words }) => words.join(' ')).join('\n');
  return { code, text: text.split('\n\n')[0] ?? '' };
}

for (const scenario of SCENARIOS) {
  t.test(`${scenario.name}: options that make no sense are refused by name and value`, async (t) => {
    const unknown = await run(t, scenario, ['--no-such-option', 'x']);
    t.match(unknown, { code: 2, text: /--no-such-option/ });
    const common = ['repeat', 'time-limit', 'against'];
    const options = Object.entries(scenario.options).flatMap(([name, { type }]) =>
      type === 'string' && !FREE_TEXT.includes(name) ? [name] : [],
    );
    for (const option of [...common, ...options]) {
      const { code, text } = await run(t, scenario, [`--${option}`, 'nonsense']);
      t.equal(code, 2, `--${option} nonsense`);
      t.match(text, `--${option}`);
      if (option !== 'against' || scenario.rivals.length > 0) t.match(text, '"nonsense"');
    }
  });

  t.test(`${scenario.name}: a rival of other scenarios is refused with its own`, async (t) => {
    const other = RIVALS.find(({ name }) => !scenario.rivals.includes(name));
    const { code, text } = await run(t, scenario, ['--against', other?.name ?? '']);
    t.equal(code, 2);
    t.match(text, '--against');
    for (const name of scenario.rivals) t.match(text, name);
  });

  if (scenario.options['target'] === undefined) continue;
  t.test(`${scenario.name}: a target that is down is named, and nothing is started`, async (t) => {
    const origin = `http://127.0.0.1:${await findFreePorts(1)}`;
    const publish = scenario.options['publish'] ? ['--publish', 'rtmp://127.0.0.1/live/x'] : [];
    const { signal } = new AbortController();
    const { code, text } = await run(t, scenario, ['--target', origin, ...publish, '--quick'], signal);
    t.equal(code, 1);
    t.match(text, `no server is ready at ${origin}: ECONNREFUSED`);
  });
}
