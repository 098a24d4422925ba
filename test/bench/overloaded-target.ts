// A server elsewhere that is full: the bench says what it was told, leaves a report and does not wait for ever.
import { readdirSync } from 'node:fs';
import t from 'tap';
import { runCommand } from '../../bench/commands/run-command.ts';
import { ServerUnderTest } from '../../bench/instruments/server-under-test.ts';
import type { Scenario } from '../../bench/scenario.ts';
import { danmaku } from '../../bench/scenarios/danmaku.ts';
import { likes } from '../../bench/scenarios/likes.ts';
import { reconnect } from '../../bench/scenarios/reconnect.ts';

const CROWDS: readonly (readonly [Scenario, string[], RegExp])[] = [
  [danmaku, ['--viewers', '60', '--transport', 'websocket'], /refused: HTTP\/1\.1 503 Service Unavailable/],
  [likes, ['--tappers', '60'], /refused: HTTP\/1\.1 503 Service Unavailable/],
  [reconnect, ['--viewers', '60', '--mode', 'drop'], /let in 20 of 6\d viewers: \d+ x HTTP 503/],
];

t.test('a target that lets only some of the viewers in ends the run with its own words', async (t) => {
  const limits = { BARRAGE_WS__MAXCONNECTIONS: '20', BARRAGE_WS__MAXCONNECTIONSPERADDRESS: '1000' };
  const server = await ServerUnderTest.start({ env: limits });
  t.teardown(() => server[Symbol.asyncDispose]());
  const room = await server.createRoom('full');
  for (const [scenario, args, message] of CROWDS) {
    const out = t.testdir();
    const [said, printed] = [t.capture(console, 'error'), t.capture(console, 'log')];
    const target = ['--quick', '--target', server.origin, '--room', room.id, '--out', out];
    t.equal(await runCommand(scenario, [...args, ...target], new AbortController().signal), 1, scenario.name);
    const text = [...said(), ...printed()].map(({ args: words }) => words.join(' ')).join('\n');
    t.match(text, message);
    t.match(readdirSync(out).join(' '), new RegExp(`${scenario.name}-\\S+\\.json`));
  }
});
