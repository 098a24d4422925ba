// Plain load against servers whose behaviour is known: what it counts, and that a timeout is no fast answer.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { measureCeiling } from '../../../../bench/instruments/http/generator-ceiling.ts';
import { RequestLoad } from '../../../../bench/instruments/http/request-load.ts';

async function startLoad(t: Test, listener: RequestListener, options: { timeoutMs?: number } = {}) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const load = new RequestLoad({ host: '127.0.0.1', port, connections: 4, timeoutMs: 5_000, ...options });
  t.teardown(() => {
    load.close();
    server.close();
    server.closeAllConnections();
  });
  return load;
}

t.test('a paced stretch sends what is due, in turn, and times every answer', async (t) => {
  const asked = new Map<string, number>();
  const load = await startLoad(t, ({ url = '' }, response) => {
    asked.set(url, (asked.get(url) ?? 0) + 1);
    response.end('twelve bytes');
  });
  const result = await load.run({ paths: ['/a', '/b'], rate: 200, seconds: 1 });
  t.match(result, { errors: 0, timeouts: 0 });
  t.equal(result.answered + result.unsent, result.due);
  t.ok(result.due >= 190 && result.due <= 200, `${result.due} due`);
  t.equal(result.bytes, result.answered * 12);
  t.equal(result.latency.count, result.answered);
  t.equal((asked.get('/a') ?? 0) + (asked.get('/b') ?? 0), result.answered);
  t.ok(Math.abs((asked.get('/a') ?? 0) - (asked.get('/b') ?? 0)) <= 1);
});

t.test('a closed loop sends as fast as answers come', async (t) => {
  let served = 0;
  const load = await startLoad(t, (_, response) => {
    served++;
    response.end();
  });
  const result = await load.run({ paths: ['/'], rate: 0, seconds: 0.3 });
  t.equal(result.answered, served);
  t.equal(result.due, served);
  t.ok(served > 40, `${served} served`);
});

t.test('a server that never answers is timeouts, not fast answers', async (t) => {
  const load = await startLoad(t, () => undefined, { timeoutMs: 200 });
  const result = await load.run({ paths: ['/'], rate: 100, seconds: 0.5 });
  t.equal(result.answered, 0);
  t.equal(result.latency.count, 0);
  t.ok(result.timeouts >= 4, `${result.timeouts} timeouts`);
  t.equal(result.timeouts + result.unsent, result.due, 'what no connection was free for is said');
});

t.test('a stall shows in the answers that were due meanwhile', async (t) => {
  // Every answer waits for the stall's end, also those asked for late in it.
  const endsAt = performance.now() + 600;
  const load = await startLoad(t, (_, response) => {
    setTimeout(() => response.end(), Math.max(0, endsAt - performance.now()));
  });
  const result = await load.run({ paths: ['/'], rate: 100, seconds: 1 });
  t.ok(result.answered > 50, `${result.answered} answered`);
  t.ok(result.latency.percentile(50) > 10, 'four connections were stuck: the others were due all the same');
});

t.test('refusals and cut connections are errors with their reasons', async (t) => {
  let turn = 0;
  const load = await startLoad(t, (request, response) => {
    if (++turn % 2 === 0) request.socket.destroy();
    else response.writeHead(503).end();
  });
  const result = await load.run({ paths: ['/'], rate: 50, seconds: 0.4 });
  t.equal(result.answered, 0);
  t.equal(result.latency.count, 0);
  t.equal(result.errors + result.unsent, result.due);
  t.ok(result.reasons.includes('status 503'), result.reasons.join('; '));
  t.ok(result.reasons.length > 1);
});

t.test("the generator's ceiling is measured against a server that does nothing", async (t) => {
  const { answered, seconds, errors, bytes, generator } = await measureCeiling({
    ...{ bodyBytes: 1000, connections: 8, seconds: 0.5 },
  });
  t.equal(errors, 0);
  t.equal(bytes, answered * 1000);
  t.ok(generator.utilization > 0.2, 'it is the generator that is busy');
  t.comment(`${Math.round(answered / seconds)} requests/s`);
});
