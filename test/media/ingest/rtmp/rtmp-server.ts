// The server around the sessions: ports, bounds on connections, draining, closing, and nothing left behind.
import { once } from 'node:events';
import { createServer } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { waitFor } from '../../../../core/lifecycle.ts';
import { RTMP_LIMITS } from '../../../../media/ingest/rtmp/rtmp-limits.ts';
import { createRtmpServer, type RtmpServerOptions } from '../../../../media/ingest/rtmp/rtmp-server.ts';
import { RecordingTarget } from '../../../support/recording-target.ts';
import { handshake, RtmpTestClient } from '../../../support/rtmp-client.ts';

const DEADLINE = { timeoutMs: 5000 };
const options: RtmpServerOptions = {
  host: '127.0.0.1',
  port: 0,
  admit: async () => new RecordingTarget(),
  limits: { flushTimeoutMs: 100 },
};

t.test('a port that is taken is a clear error, and the process goes on', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as { port: number };
  await t.rejects(createRtmpServer({ ...options, port }), {
    code: 'CONFLICT',
    message: new RegExp(`127.0.0.1:${port} is taken`),
  });
  await t.rejects(createRtmpServer({ ...options, host: '192.0.2.1' }), { code: 'UNAVAILABLE' });
});

t.test('two servers in one process know nothing of each other', async (t) => {
  const [left, right] = [new RecordingTarget(), new RecordingTarget()];
  const one = await createRtmpServer({ ...options, admit: async () => left });
  const two = await createRtmpServer({ ...options, app: 'studio', admit: async () => right });
  t.teardown(() => Promise.all([one.close('test over'), two.close('test over')]));
  t.not(one.address.port, two.address.port);
  const a = await RtmpTestClient.publishing(one.address.port, 'KEY');
  const b = await RtmpTestClient.publishing(two.address.port, 'KEY', 'studio');
  t.match([one.describe(), two.describe()], [{ publishing: 1 }, { publishing: 1 }]);
  await one.close('going down');
  await a.closed;
  t.match(left.ends, [{ reason: 'going down', clean: false }]);
  t.equal(one.describe().closed.shutdown, 1);
  t.match(two.describe(), { publishing: 1 });
  t.same(right.ends, []);
  b.socket.destroy();
});

t.test('connections are bounded in total and by address', async (t) => {
  for (const [limits, code] of [
    [{ maxConnections: 2 }, 'too_many_connections'],
    [{ maxConnectionsPerAddress: 2 }, 'too_many_per_address'],
  ] as const) {
    const server = await createRtmpServer({ ...options, limits: { ...options.limits, ...limits } });
    t.teardown(() => server.close('test over'));
    const { port } = server.address;
    const first = await RtmpTestClient.shake(port);
    await RtmpTestClient.shake(port);
    const refused = await RtmpTestClient.open(port);
    await refused.closed;
    t.equal(server.describe().closed[code], 1);
    t.equal(server.describe().accepted, 2);
    first.socket.destroy();
    await first.closed;
    await t.resolves(reconnect(port), 'a place is free again');
  }
});

// The server hears of a close a little later than the client does.
async function reconnect(port: number): Promise<void> {
  const client = await RtmpTestClient.open(port);
  client.socket.write(handshake());
  const shaken = await Promise.race([waitFor(client, 'handshake', DEADLINE), client.closed]);
  if (shaken === undefined) return reconnect(port);
}

t.test('draining drops who does not publish and lets publishers go on', async (t) => {
  const target = new RecordingTarget();
  const server = await createRtmpServer({ ...options, admit: async () => target });
  const { port } = server.address;
  const publisher = await RtmpTestClient.publishing(port, 'KEY');
  const idle = await RtmpTestClient.connected(port);
  const drained = server.drain();
  await idle.closed;
  await t.rejects(RtmpTestClient.open(port));
  t.same(target.ends, []);
  publisher.command('_checkbw', 9, null);
  await publisher.answer('_result');
  publisher.socket.end();
  await drained;
  t.match(target.ends, [{ clean: false }]);
  t.equal(server.describe().open, 0);
  await server.close('after draining');
});

t.test('closing twice, and while draining, is one close', async (t) => {
  const server = await createRtmpServer(options);
  const publisher = await RtmpTestClient.publishing(server.address.port, 'KEY');
  const drained = server.drain();
  await Promise.all([server.close('a'), server.close('b'), drained]);
  await publisher.closed;
  t.equal(server.describe().open, 0);
});

t.test('random bytes after the handshake never crash and never hold more than the bound', async (t) => {
  const maxBufferedBytes = 200_000;
  const limits = { ...options.limits, maxBufferedBytes, flushTimeoutMs: 20, maxConnections: 1000 };
  const server = await createRtmpServer({ ...options, limits });
  t.teardown(() => server.close('test over'));
  const { port } = server.address;
  const bytes = fc.uint8Array({ maxLength: 4000 });
  const attempt = async (start: 'shake' | 'publishing', data: Uint8Array): Promise<void> => {
    const client =
      start === 'shake' ? await RtmpTestClient.shake(port) : await RtmpTestClient.publishing(port, 'KEY');
    client.socket.end(data);
    await client.closed;
    if (server.bufferedBytes > maxBufferedBytes) throw new Error(`${server.bufferedBytes} bytes held`);
  };
  await fc.assert(fc.asyncProperty(fc.constantFrom('shake', 'publishing'), bytes, attempt), { numRuns: 200 });
  const { closed } = server.describe();
  t.equal(closed.internal, 0, 'every refusal was a considered one');
  await RtmpTestClient.publishing(port, 'KEY');
  t.equal(RTMP_LIMITS.maxBufferedBytes > maxBufferedBytes, true);
});

t.test('a hundred connections of every kind leave handles and memory where they were', async (t) => {
  const targets: RecordingTarget[] = [];
  const server = await createRtmpServer({
    ...options,
    admit: async () => {
      const target = new RecordingTarget();
      targets.push(target);
      return target;
    },
  });
  t.teardown(() => server.close('test over'));
  const { port } = server.address;
  const round = async (): Promise<void> => {
    const clients = [
      await RtmpTestClient.open(port),
      await RtmpTestClient.shake(port),
      await RtmpTestClient.connected(port),
      await RtmpTestClient.publishing(port, 'KEY'),
    ];
    for (const client of clients) client.socket.destroy();
    await Promise.all(clients.map((client) => client.closed));
  };
  const settle = async (): Promise<void> => {
    while (server.describe().open > 0) await new Promise((resolve) => setImmediate(resolve));
  };
  for (let warm = 0; warm < 5; warm++) await round();
  await settle();
  const handles = process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length;
  const before = process.memoryUsage();
  for (let count = 0; count < 25; count++) await round();
  await settle();
  t.equal(process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length, handles);
  t.equal(targets.length, 30);
  t.ok(targets.every((target) => target.ends.length === 1));
  const grown = process.memoryUsage().heapUsed - before.heapUsed;
  t.ok(grown < 32 * 1024 * 1024, `heap grew by ${Math.round(grown / 1024)} KiB, garbage included`);
  t.equal(server.bufferedBytes, 0);
});
