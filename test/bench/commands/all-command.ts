// `all` with real scenarios: what becomes of it when one fails, and when it is interrupted.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { SCENARIOS } from '../../../bench/all-scenarios.ts';
import { allCommand } from '../../../bench/commands/all-command.ts';
import { BenchProcess } from '../../support/bench-process.ts';

t.test('`all` goes on after a scenario that fails, and says why in its index', async (t) => {
  const env = { MEDIASOUP_WORKER_BIN: '/nonexistent/worker' };
  const bench = new BenchProcess(['all', '--quick', '--only', 'latency,sync'], { env });
  t.equal(await bench.ended(), 1);
  const index = readFileSync(path.join(bench.out, 'index.md'), 'utf8');
  for (const name of ['latency', 'sync'])
    t.match(
      index,
      new RegExp(`\\| ${name} \\| \\d+ s \\| - \\|.*failed; barrage failed: the server is ended`),
    );
  t.match(readFileSync(path.join(bench.out, 'index.html'), 'utf8'), /href="latency-\w+\.json"/);
  t.same(bench.leftovers(), []);
});

t.test('Ctrl-C in `all` ends the scenario that runs and leaves out the others', async (t) => {
  const bench = new BenchProcess(['all', '--quick', '--only', 'latency,sync']);
  await bench.printed(/latency: \[\d+ s\] starting Chromium/);
  bench.signal('SIGINT');
  t.equal(await bench.ended(), 130);
  t.match(bench.output, /latency .*interrupted/);
  t.match(bench.output, /sync .*not run: interrupted before/);
  t.ok(readdirSync(bench.out).some((file) => /^latency-.*\.json$/.test(file)));
  t.same(bench.leftovers(), []);
});

t.test('options that make no sense are refused by name and value', async (t) => {
  const cases: readonly (readonly [args: string[], message: RegExp])[] = [
    [['--only', 'latency,nonsense'], /--only takes .*latency.*, not "nonsense"/],
    [['--against', 'nobody'], /--against takes .*mosquitto.*, not "nobody"/],
    [['--time-limit', 'soon'], /--time-limit takes a number above 0, not "soon"/],
    [['--seconds', '5'], /--seconds/],
  ];
  for (const [args, message] of cases) {
    const said = t.capture(console, 'error');
    t.equal(await allCommand(SCENARIOS, args, new AbortController().signal), 2);
    t.match(String(said()[0]?.args[0]), message);
  }
});
