// Viewers who do not read as fast as their room talks, over real sockets.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import t, { type Test } from 'tap';
import { WebSocket, WebSocketServer } from 'ws';
import { silentMeter } from '../../../server/meter.ts';
import type { Lane } from '../../../server/protocol/wire.ts';
import { buildFrame } from '../../../server/rooms/shared-frame.ts';
import { decideDelivery } from '../../../server/ws/backpressure.ts';
import { WsConnection } from '../../../server/ws/ws-connection.ts';
import { startTestApp } from '../../support/test-app.ts';
import { WsClient } from '../../support/ws-client.ts';

const limits = { pulseBufferedBytes: 10, chatBufferedBytes: 20, maxBufferedBytes: 30 };

t.test('totals are left out first, then chat, and value only when the connection is given up', async (t) => {
  const table: [buffered: number, pulse: string, chat: string, value: string][] = [
    [0, 'send', 'send', 'send'],
    [10, 'send', 'send', 'send'],
    [11, 'skip', 'send', 'send'],
    [20, 'skip', 'send', 'send'],
    [21, 'skip', 'thin', 'send'],
    [30, 'skip', 'thin', 'send'],
    [31, 'close', 'close', 'close'],
  ];
  for (const [buffered, ...expected] of table) {
    const lanes: Lane[] = ['pulse', 'chat', 'value'];
    t.same(
      lanes.map((lane) => decideDelivery(lane, buffered, limits)),
      expected,
      `${buffered} bytes`,
    );
  }
});

/** A WebSocket whose other end does not read until told to. */
async function connectPair(t: Test, bounds: typeof limits) {
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const http = createServer();
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.teardown(() => void http.close());
  const upgraded = new Promise<{ webSocket: WebSocket; socket: Duplex }>((resolve) => {
    http.on('upgrade', (request, socket, head) =>
      wss.handleUpgrade(request, socket, head, (webSocket) => resolve({ webSocket, socket })),
    );
  });
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const messages: { events: Record<string, unknown>[] }[] = [];
  client.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = once(client, 'close');
  const { webSocket, socket } = await upgraded;
  await once(client, 'open');
  t.teardown(() => client.terminate());
  let caughtUp = 0;
  const connection = new WsConnection({
    webSocket,
    socket,
    limits: bounds,
    meter: silentMeter,
    epoch: 'e',
    onCaughtUp: () => {
      caughtUp++;
    },
  });
  return { client, connection, messages, closed, caughtUp: () => caughtUp };
}

const frame = (lane: Lane, offset: number, size = 10_000) =>
  buildFrame('e', lane, [{ json: JSON.stringify({ lane, offset, pad: 'x'.repeat(size) }), offset }]);

t.test('chat that was left out is told as one gap, before chat goes on', async (t) => {
  const bounds = { pulseBufferedBytes: 50_000, chatBufferedBytes: 100_000, maxBufferedBytes: 100_000_000 };
  const { client, connection, messages, caughtUp } = await connectPair(t, bounds);
  client.pause();
  let offset = 0;
  while (connection.bufferedBytes <= bounds.chatBufferedBytes) connection.deliver(frame('value', ++offset));
  const from = offset + 1;
  for (let n = 0; n < 5; n++) connection.deliver(frame('chat', ++offset));
  connection.deliver(frame('pulse', 0));
  const to = offset;
  connection.deliver(frame('value', ++offset));
  client.resume();
  while (!messages.some(({ events }) => events[0]?.['type'] === 'gap')) await once(client, 'message');
  connection.deliver(frame('chat', ++offset));
  while (!messages.some(({ events }) => events[0]?.['offset'] === offset)) await once(client, 'message');
  const events = messages.map(({ events: [event] }) => event as Record<string, unknown>);
  t.same(
    events.filter((event) => event['type'] === 'gap'),
    [{ type: 'gap', from, to, dropped: 5 }],
  );
  t.equal(events.filter((event) => event['lane'] === 'value').length, from, 'no value event is missing');
  t.equal(caughtUp(), 1, 'totals are sent again');
});

t.test('a connection that is too slow is closed with 4008, holding bounded memory', async (t) => {
  const bounds = { pulseBufferedBytes: 50_000, chatBufferedBytes: 100_000, maxBufferedBytes: 300_000 };
  const { client, connection, closed } = await connectPair(t, bounds);
  client.pause();
  for (let offset = 1; offset <= 10_000; offset++) connection.deliver(frame('value', offset));
  t.ok(connection.bufferedBytes < bounds.maxBufferedBytes + 12_000, `${connection.bufferedBytes} bytes`);
  client.resume();
  t.equal((await closed)[0], 4008);
});

t.test('a viewer who stops reading is sent away, the others are not held up', async (t) => {
  const rates = { perSecond: 10_000, burst: 100_000, addressPerSecond: 10_000, addressBurst: 100_000 };
  const { origin } = await startTestApp(t, {
    ws: {
      maxBufferedBytes: 65_536,
      chatBufferedBytes: 65_536,
      pulseBufferedBytes: 65_536,
      maxCommandsPerSecond: 10_000,
    },
    interaction: { danmaku: rates },
  });
  const slow = await WsClient.join(origin, 'demo');
  const ann = await WsClient.join(origin, 'demo');
  for (let n = 0; n < 500; n++) await ann.client.call('danmaku.send', { text: `n${n}` });
  slow.client.socket.pause();
  const params = { protocol: 1, resume: { epoch: slow.hello.epoch, offset: 0 } };
  const asked = setInterval(
    () => slow.client.socket.send(JSON.stringify({ id: 1, method: 'hello', params })),
    1,
  );
  t.teardown(() => clearInterval(asked));
  const isClosed = async () => {
    const metrics = await (await fetch(`${origin}/metrics`)).text();
    return /^barrage_websocket_closes_total\{code="4008"\} 1$/m.test(metrics);
  };
  while (!(await isClosed())) await ann.client.call('ping', {});
  clearInterval(asked);
  await ann.client.call('danmaku.send', { text: 'still here' });
  await ann.client.until((events) =>
    events.some((event) => event.type === 'danmaku' && event.text === 'still here'),
  );
  slow.client.socket.resume();
  t.match(await slow.client.closed, { code: 4008 });
});
