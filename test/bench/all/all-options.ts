// The command lines that `all` gives to scenarios.
import t from 'tap';
import { readAllOptions, scenarioArguments } from '../../../bench/all/all-options.ts';
import type { Scenario } from '../../../bench/scenario.ts';

function scenario(name: string, over: Partial<Scenario> = {}): Scenario {
  const nothing = { summary: '', options: {}, help: {}, rivals: [] };
  return { name, ...nothing, checkOptions: () => undefined, run: async () => undefined, ...over };
}

const scenarios = [scenario('short', { rivals: ['ws', 'nginx'] }), scenario('long', { longestS: 4_000 })];

function linesOf(...args: string[]): string[] {
  const options = readAllOptions(args, scenarios);
  return options.scenarios.map((one) => scenarioArguments(one, options, 'out').join(' '));
}

t.test('each scenario has its own time limit, quick ones a short one', async (t) => {
  t.same(linesOf(), [
    'short --repeat 1 --time-limit 600 --out out',
    'long --repeat 1 --time-limit 4000 --out out',
  ]);
  t.same(linesOf('--quick', '--only', 'long'), ['long --quick --repeat 1 --time-limit 90 --out out']);
  t.same(linesOf('--time-limit', '7', '--only', 'long'), ['long --repeat 1 --time-limit 7 --out out']);
});

t.test('each scenario is run against those rivals that it has', async (t) => {
  t.match(linesOf('--against', 'nginx,janus'), [/--against nginx$/, /--out out$/]);
  t.match(linesOf('--against', 'all', '--repeat', '3'), [/--repeat 3 .*--against ws,nginx$/, /--out out$/]);
});
