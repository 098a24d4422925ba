// The pool of worker processes: ports, refusals, replacement.
import { createServer } from 'node:net';
import t from 'tap';
import { waitFor } from '../../../core/lifecycle.ts';
import { silentLogger } from '../../../core/logger.ts';
import { createWorkerPool } from '../../../media/webrtc/worker-pool.ts';

const OPTIONS = { host: '127.0.0.1', port: 0, workers: 1, logger: silentLogger };

/** A port that was free a moment ago, with the next one. */
async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await waitFor(server, 'listening', { timeoutMs: 5_000 });
  const { port } = server.address() as { port: number };
  server.close();
  await waitFor(server, 'close', { timeoutMs: 5_000 });
  return port;
}

t.test('worker n listens on port + n, UDP and TCP', async (t) => {
  const port = await findPort();
  const pool = await createWorkerPool({ ...OPTIONS, port, workers: 2 });
  t.teardown(() => pool.close('test over'));
  for (const { index, server } of pool.workers) {
    const dump = await server.dump();
    t.same(dump.udpSockets, [{ ip: '127.0.0.1', port: port + index }]);
    t.same(dump.tcpServers, [{ ip: '127.0.0.1', port: port + index }]);
  }
});

t.test('a wildcard without an announced address listens on real addresses only', async (t) => {
  const pool = await createWorkerPool({ ...OPTIONS, host: '0.0.0.0' });
  t.teardown(() => pool.close('test over'));
  const { udpSockets } = await pool.workers[0]!.server.dump();
  t.ok(udpSockets.some(({ ip }) => ip === '127.0.0.1'));
  t.notOk(udpSockets.some(({ ip }) => ip === '0.0.0.0'));
  const announced = await createWorkerPool({ ...OPTIONS, host: '0.0.0.0', announcedAddress: '192.0.2.7' });
  t.teardown(() => announced.close('test over'));
  t.equal((await announced.workers[0]!.server.dump()).udpSockets.length, 1);
});

t.test('a taken port and a binary that does not run are said, and nothing is left running', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await waitFor(server, 'listening', { timeoutMs: 5_000 });
  const { port } = server.address() as { port: number };
  await t.rejects(createWorkerPool({ ...OPTIONS, port }), { code: 'UNAVAILABLE', message: /port \d+/ });
  await t.rejects(createWorkerPool({ ...OPTIONS, workerBin: '/bin/false' }), { code: 'UNAVAILABLE' });
});

t.test('the least loaded worker is picked, and a dead one replaced on its port', async (t) => {
  const port = await findPort();
  const pool = await createWorkerPool({ ...OPTIONS, port, workers: 2 });
  t.teardown(() => pool.close('test over'));
  const [first, second] = pool.workers;
  first!.load = 1;
  t.equal(await pool.pick(), second);
  const replaced = waitFor(pool, 'workerReplaced', { timeoutMs: 10_000 });
  process.kill(second!.pid, 'SIGKILL');
  await waitFor(pool, 'workerDied', { timeoutMs: 10_000 });
  t.equal(await pool.pick(), first, 'meanwhile the other one serves');
  const [index, pid] = await replaced;
  t.equal(index, 1);
  t.not(pid, second!.pid);
  t.notOk(pool.isUp(second!));
  const dump = await pool.workers.find((worker) => worker.index === 1)!.server.dump();
  t.equal(dump.udpSockets[0]!.port, port + 1);
});
