// A crowd of viewers against a server that loses, repeats and leaves out on purpose, and cuts one off.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { type WebSocket, WebSocketServer } from 'ws';
import { Crowd } from '../../../../bench/instruments/fanout/crowd-host.ts';
import { findDialect } from '../../../../bench/instruments/fanout/dialect.ts';
import { stampedText } from '../../../../bench/instruments/fanout/frame-summary.ts';
import { LightClient } from '../../../../bench/instruments/fanout/light-client.ts';
import { monotonicUs } from '../../../../bench/instruments/fanout/monotonic.ts';
import { LatencyHistogram } from '../../../../bench/instruments/latency-histogram.ts';

const BEFORE = 50;

function frame(offsets: readonly number[], more: readonly object[] = [], dueUs = monotonicUs()): string {
  const events = offsets.map((offset) => ({ type: 'danmaku', offset, text: stampedText(dueUs, 40) }));
  return JSON.stringify({ epoch: 'e', events: [...events, ...more] });
}

/** Joins viewers one after another, so that the server knows them by their order. */
async function joinCrowd(t: Test, count: number): Promise<{ crowd: Crowd; viewers: WebSocket[] }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const viewers: WebSocket[] = [];
  server.on('connection', (viewer) => {
    viewers.push(viewer);
    viewer.on('message', () => viewer.send(JSON.stringify({ id: 0, result: { offset: BEFORE } })));
  });
  await once(server, 'listening');
  const crowd = new Crowd({
    concurrency: 1,
    readerOf: (dialect) => findDialect(dialect).summarize,
    connect: (target, account) =>
      LightClient.join({
        target,
        onEvents: (payload) => account.receive(payload),
        onLost: (reason) => account.lose(reason),
      }),
  });
  t.teardown(async () => {
    await crowd.leave();
    server.close();
  });
  const target = {
    dialect: 'barrage',
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  } as const;
  t.same(await crowd.methods.join({ target, count }), { joined: count, offset: BEFORE });
  return { crowd, viewers };
}

t.test('holes, repetitions, gap events and lost connections are each counted as what they are', async (t) => {
  const { crowd, viewers } = await joinCrowd(t, 5);
  const [whole, holed, doubled, thinned, cut] = viewers as [
    WebSocket,
    WebSocket,
    WebSocket,
    WebSocket,
    WebSocket,
  ];
  crowd.methods.begin({ offset: BEFORE });
  const [first, second, third] = [frame([51, 52]), frame([53]), frame([54, 55])];
  for (const text of [first, second, third]) whole.send(text);
  for (const text of [first, third]) holed.send(text);
  for (const text of [first, second, second, third]) doubled.send(text);
  thinned.send(frame([51, 55], [{ type: 'gap', from: 52, to: 54, dropped: 3 }]));
  cut.close(4008, 'too slow');
  const received = await crowd.methods.finish({ offset: 55, timeoutMs: 5_000 });
  t.match(received, {
    viewers: 5,
    disconnected: { 4008: 1 },
    frames: 3 + 2 + 4 + 1,
    events: 5 + 4 + 6 + 2,
    missing: 1,
    doubled: 1,
    thinned: 3,
  });
});

t.test(
  'frames that never come are missing once the wait is over, and a new stretch forgets them',
  async (t) => {
    const { crowd, viewers } = await joinCrowd(t, 2);
    crowd.methods.begin({ offset: BEFORE });
    viewers[0]?.send(frame([51, 52]));
    const first = await crowd.methods.finish({ offset: 52, timeoutMs: 200 });
    t.match(first, { events: 2, missing: 2 });
    crowd.methods.begin({ offset: 52 });
    for (const viewer of viewers) viewer.send(frame([53]));
    const second = await crowd.methods.finish({ offset: 53, timeoutMs: 5_000 });
    t.match(second, { frames: 2, events: 2, missing: 0, doubled: 0 });
  },
);

t.test('latency counts from when a danmaku was due, not from when it was sent', async (t) => {
  const { crowd, viewers } = await joinCrowd(t, 1);
  crowd.methods.begin({ offset: BEFORE });
  viewers[0]?.send(frame([51], [], monotonicUs() - 3_000_000));
  const { latency } = await crowd.methods.finish({ offset: 51, timeoutMs: 5_000 });
  const chat = LatencyHistogram.decode(latency['chat'] ?? '');
  t.equal(chat.count, 1);
  t.ok(chat.percentile(50) >= 2_990, `${chat.percentile(50)} ms`);
});
