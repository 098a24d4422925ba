// Saving, comparing and checking as commands, on a scenario that is made up: exit codes, files, what is said.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { renderCommand } from '../../../bench/commands/render-command.ts';
import { runCommand } from '../../../bench/commands/run-command.ts';
import { readReport } from '../../../bench/report/read-report.ts';
import type { Scenario } from '../../../bench/scenario.ts';
import { groupOf, rateOf } from '../../support/made-up-report.ts';

const folder = t.testdir();
const baseline = path.join(folder, 'deep', 'baseline.json');

/** Reports these rates of Barrage, one for each repetition; of its rival always 100. */
function scenarioOf(rates: readonly number[]): Scenario {
  let repetition = 0;
  return {
    ...{ name: 'made-up', summary: 'nothing', options: {}, help: {}, rivals: ['ws'] },
    checkOptions: () => undefined,
    run: async ({ subject, report }) => {
      report(groupOf([rateOf(subject === 'ws' ? 100 : (rates[repetition++] ?? 0))]));
    },
  };
}

async function run(t: Test, rates: readonly number[], ...args: string[]) {
  const [log, error] = [t.capture(console, 'log'), t.capture(console, 'error')];
  const signal = new AbortController().signal;
  const common = ['--out', path.join(folder, 'results'), '--repeat', String(rates.length)];
  const code = await runCommand(scenarioOf(rates), [...common, ...args], signal);
  const output = [...log(), ...error()].map((call) => call.args.join(' ')).join('\n');
  return { code, output };
}

t.test('a run is saved', async (t) => {
  const { code, output } = await run(t, [200, 202, 198], '--against', 'ws', '--save', baseline);
  t.equal(code, 0);
  t.match(output, `Saved to ${baseline}`);
  t.equal(readReport(baseline).groups.length, 6);
});

t.test('a regression is told, and fails only a check', async (t) => {
  const told = await run(t, [100, 101, 99], '--compare', baseline);
  t.equal(told.code, 0);
  t.match(told.output, /\| everything \| rate \| 1\/s \| 200 \| 100 \| -50\.0% \|.*\| regression \|/);
  const checked = await run(t, [100, 101, 99], '--compare', baseline, '--check');
  t.equal(checked.code, 1);
  t.match(checked.output, 'check: everything: rate: 50% less (100 after 200 1/s)');
});

t.test('noise and improvement pass a check', async (t) => {
  const same = await run(t, [201, 199, 200], '--compare', baseline, '--check');
  t.match(same, { code: 0, output: /check: no regression beyond noise/ });
  t.match(await run(t, [300, 301, 299], '--compare', baseline, '--check'), { code: 0 });
});

t.test('ratios are compared alone', async (t) => {
  const args = ['--compare', baseline, '--check', '--ratios', '--against', 'ws'];
  const { code, output } = await run(t, [100, 101, 99], ...args);
  t.equal(code, 1);
  t.match(output, 'rate, Barrage / ws: 50% less (1 after 2 x)');
});

t.test('what cannot be compared is refused before anything runs', async (t) => {
  t.match(await run(t, [1], '--compare', baseline, '--check'), { code: 2, output: /--repeat 2 or more/ });
  t.match(await run(t, [1], '--check'), { code: 2, output: /--check needs --compare FILE/ });
  t.match(await run(t, [1], '--compare', `${baseline}x`), { code: 2, output: /there is no file/ });
  t.match(await run(t, [1, 1], '--compare', baseline, '--ratios'), {
    code: 2,
    output: /--ratios needs --against/,
  });
});

t.test('half a run is not saved', async (t) => {
  const [log, error] = [t.capture(console, 'log'), t.capture(console, 'error')];
  const controller = new AbortController();
  const scenario: Scenario = {
    ...scenarioOf([1]),
    run: async ({ report }) => {
      report(groupOf([rateOf(1)]));
      controller.abort();
    },
  };
  const file = path.join(folder, 'half.json');
  const args = ['--save', file, '--out', path.join(folder, 'results')];
  t.equal(await runCommand(scenario, args, controller.signal), 130);
  t.notOk(existsSync(file));
  const lines = [...log(), ...error()].map((call) => call.args.join(' '));
  t.equal(lines.at(-1), `Not saved to ${file}: the run is interrupted.`);
});

t.test('a stored report is rendered anew, with its plots', async (t) => {
  t.capture(console, 'log');
  const svg = path.join(folder, 'svg');
  t.equal(await renderCommand([baseline, '--svg', svg, '--compare', baseline]), 0);
  t.match(readFileSync(baseline.replace('.json', '.html'), 'utf8'), 'Against an earlier run');
  t.match(readFileSync(baseline.replace('.json', '.md'), 'utf8'), '### made-up');
  t.match(readFileSync(path.join(svg, 'made-up-all-ratios.svg'), 'utf8'), /^<svg/);
});

t.test('rendering says what it takes', async (t) => {
  const error = t.capture(console, 'error');
  t.equal(await renderCommand([]), 2);
  t.equal(await renderCommand(['a.json', 'b.json']), 2);
  t.equal(await renderCommand([path.join(folder, 'none.json')]), 1);
  t.match(
    error().map((call) => call.args.join(' ')),
    [/render takes one FILE\.json/, /render takes one/, /^there is no file .*none\.json$/],
  );
});
