// A target that is down, is something else, is draining, or goes away, played by small HTTP servers.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { findFreePorts } from '../../bench/instruments/free-ports.ts';
import { readTarget, requireTarget, TargetWatch } from '../../bench/target.ts';

async function serve(answers: Readonly<Record<string, [status: number, body: string]>>): Promise<Server> {
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, 'not found'];
    response.writeHead(status).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

const OURS: [number, string] = [200, JSON.stringify({ info: { title: 'Barrage API' } })];

t.test('a target that is ready and ours is taken', async (t) => {
  const server = await serve({ '/readyz': [200, ''], '/openapi.json': OURS });
  await requireTarget(originOf(server));
  await close(server);
  t.pass('no error');
});

t.test('one that is down, is something else or is not ready is refused with what was found', async (t) => {
  const nobody = `http://127.0.0.1:${await findFreePorts(1)}`;
  await t.rejects(requireTarget(nobody), { message: `no server is ready at ${nobody}: ECONNREFUSED` });
  const other = await serve({ '/readyz': [200, 'ok'], '/openapi.json': [200, '<html>'] });
  await t.rejects(requireTarget(originOf(other)), /is no Barrage/);
  await close(other);
  const draining = await serve({ '/readyz': [503, ''], '/openapi.json': OURS });
  await t.rejects(requireTarget(originOf(draining)), /\/readyz answered 503/);
  await close(draining);
});

t.test('one that goes away is told once, one that answers badly is still there', async (t) => {
  const server = await serve({ '/healthz': [500, ''] });
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  using _watch = new TargetWatch(
    originOf(server),
    (why) => {
      told.push(why);
      resolve();
    },
    { everyMs: 20 },
  );
  await once(server, 'request');
  await once(server, 'request');
  t.same(told, []);
  const origin = originOf(server);
  await close(server);
  await promise;
  t.same(told, [`the target ${origin} is gone: ECONNREFUSED`]);
});

t.test('--target takes an http URL and loses its last slash', async (t) => {
  t.equal(readTarget({ target: 'https://live.example.com/' }), 'https://live.example.com');
  t.equal(readTarget({}), undefined);
  for (const target of ['localhost:8080', 'rtmp://host', 'nonsense', ''])
    t.throws(() => readTarget({ target }), { message: /--target takes the base URL/ });
});
