// What can go wrong in the middle of real runs: each time a clear message, the right exit code, a partial report,
// and no process left.
import path from 'node:path';
import t from 'tap';
import { ServerUnderTest } from '../../bench/instruments/server-under-test.ts';
import { BenchProcess } from '../support/bench-process.ts';

const STUBBORN = path.join(import.meta.dirname, '../support/stubborn-bench.ts');

t.test('a server killed in the middle of a run is said, with what was measured before', async (t) => {
  const bench = new BenchProcess(['likes', '--quick', '--tappers', '20', '--seconds', '2']);
  await bench.printed(/beyond it: \d+ taps/);
  process.kill(bench.findProcess('server/main.ts'), 'SIGKILL');
  t.equal(await bench.ended(), 1);
  t.match(bench.output, 'the server under test ended in the middle of the run (SIGKILL)');
  t.match(bench.output, 'This run was not finished: failed');
  const report = bench.report();
  t.match(report, { finished: 'failed', subjects: [{ name: 'barrage', state: 'failed' }] });
  t.match(report.groups, [{ key: 'within' }]);
  t.same(bench.leftovers(), []);
});

t.test('a target that goes away in the middle is said, and ends the run', async (t) => {
  await using server = await ServerUnderTest.start();
  const bench = new BenchProcess(['likes', '--target', server.origin, '--tappers', '20', '--seconds', '60']);
  await bench.printed(/within the rate a user may tap: \d+ taps/);
  await server.kill();
  t.equal(await bench.ended(), 1);
  t.match(bench.output, `the target ${server.origin} is gone: ECONNREFUSED`);
  t.match(bench.report(), { finished: 'failed', subjects: [{ name: 'barrage', state: 'failed' }] });
  t.same(bench.leftovers(), []);
});

t.test('Ctrl-C in the middle leaves a report that says so, and no browser, ffmpeg or server', async (t) => {
  const bench = new BenchProcess(['latency', '--quick', '--paths', 'whep', '--joins', '1', '--warm-up', '1']);
  await bench.printed(/whep: measuring, [1-4] s left/);
  bench.signal('SIGINT');
  t.equal(await bench.ended(), 130);
  t.match(bench.output, 'interrupted: cleaning up');
  t.match(bench.report(), { finished: 'interrupted', groups: [{ key: 'whep-obs' }] });
  t.same(bench.leftovers(), []);
});

t.test('a second Ctrl-C ends a run that does not clean up, with its processes', async (t) => {
  const bench = new BenchProcess([], { main: STUBBORN });
  await bench.printed(/started/);
  bench.signal('SIGINT');
  await bench.printed(/once more ends at once/);
  // Within half a second it counts as the same one.
  const again = setInterval(() => bench.signal('SIGINT'), 100);
  t.equal(await bench.ended(), 130);
  clearInterval(again);
  t.same(bench.leftovers(), []);
});
