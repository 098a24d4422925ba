// The interaction protocol over real WebSockets: what it does, and what it refuses.
import t from 'tap';
import type { RoomEvent } from '../../../server/protocol/wire.ts';
import { startTestApp } from '../../support/test-app.ts';
import { type CommandError, WsClient } from '../../support/ws-client.ts';

const danmaku = (text: string) => (events: RoomEvent[]) =>
  events.some((event) => event.type === 'danmaku' && event.text === text);

t.test('hello says who one is and where the room stands', async (t) => {
  const { origin } = await startTestApp(t);
  const { client, hello } = await WsClient.join(origin, 'demo', { name: 'Ann' });
  t.match(hello, {
    session: /^[0-9A-Z]{26}$/,
    room: { id: 'demo', title: 'Demo' },
    user: { name: 'Ann', role: 'viewer' },
    stream: { state: 'waiting' },
    offset: 0,
    recovered: false,
    missed: [],
    snapshot: { likes: 0, viewers: 1, recent: [] },
    limits: { maxTextGraphemes: 100 },
  });
  t.ok(Math.abs(hello.serverTimeMs - Date.now()) < 5000);
  client.close();
});

t.test('two viewers exchange danmaku', async (t) => {
  const { origin } = await startTestApp(t);
  const ann = await WsClient.join(origin, 'demo', { name: 'Ann' });
  const bob = await WsClient.join(origin, 'demo', { name: 'Bob' });
  const sent = await ann.client.call('danmaku.send', {
    text: ' hello\u0000 there ',
    mode: 'top',
    color: '#FF0000',
  });
  await Promise.all([ann.client.until(danmaku('hello there')), bob.client.until(danmaku('hello there'))]);
  t.match(bob.client.eventsOf('danmaku'), [
    {
      offset: sent.offset,
      id: sent.eventId,
      user: { id: ann.hello.user.id, name: 'Ann' },
      mode: 'top',
      color: '#ff0000',
      size: 'normal',
    },
  ]);
  t.equal(
    bob.client.frames.find((frame) => danmaku('hello there')([...frame.events]))?.epoch,
    bob.hello.epoch,
  );
});

t.test('a reconnect misses nothing and doubles nothing', async (t) => {
  const { origin } = await startTestApp(t, { interaction: { danmaku: { perSecond: 1000, burst: 1000 } } });
  const ann = await WsClient.join(origin, 'demo');
  const first = await WsClient.join(origin, 'demo');
  const send = async (from: number, to: number) => {
    for (let n = from; n < to; n++) await ann.client.call('danmaku.send', { text: `n${n}` });
  };
  await send(0, 20);
  await first.client.until(danmaku('n9'));
  const seen = first.client.eventsOf('danmaku');
  first.client.socket.terminate();
  const sending = send(20, 60);
  const resume = { epoch: first.hello.epoch, offset: seen.at(-1)!.offset };
  const second = await WsClient.join(origin, 'demo', { resume });
  await sending;
  await second.client.until(danmaku('n59'));
  t.equal(second.hello.recovered, true);
  const all = [...seen, ...second.hello.missed, ...second.client.eventsOf('danmaku')];
  t.same(
    all.map((event) => event.offset),
    Array.from({ length: 60 }, (_, index) => index + 1),
  );
});

t.test('a resume that cannot be answered in full gets a snapshot', async (t) => {
  const config = { room: { maxResumeEvents: 3 }, interaction: { danmaku: { burst: 100 } } };
  const { origin } = await startTestApp(t, config);
  const ann = await WsClient.join(origin, 'demo');
  for (let n = 0; n < 10; n++) await ann.client.call('danmaku.send', { text: `n${n}` });
  await ann.client.until(danmaku('n9'));
  const { epoch } = ann.hello;
  for (const resume of [
    { epoch, offset: 1 },
    { epoch: 'other', offset: 9 },
    { epoch, offset: 999 },
  ]) {
    const { hello } = await WsClient.join(origin, 'demo', { resume });
    t.match(hello, { recovered: false, missed: [], offset: 10 });
    t.equal(hello.snapshot.recent.length, 10);
  }
  const { hello } = await WsClient.join(origin, 'demo', { resume: { epoch, offset: 8 } });
  t.match(hello, { recovered: true, missed: [{ offset: 9 }, { offset: 10 }] });
});

t.test('likes from 200 viewers are counted exactly', async (t) => {
  const { origin } = await startTestApp(t);
  const viewers = await Promise.all(Array.from({ length: 200 }, () => WsClient.join(origin, 'demo')));
  await Promise.all(
    viewers.map(async ({ client }, index) => {
      for (const count of [1, 2, index]) if (count > 0) await client.call('like.send', { count });
    }),
  );
  const total = 200 * 3 + (199 * 200) / 2;
  await Promise.all(
    viewers.map(({ client }) =>
      client.until(
        (events) => events.some((event) => event.type === 'likes' && event.total === total),
        'total',
      ),
    ),
  );
  const totals = viewers[0]!.client.eventsOf('likes').map((event) => event.total);
  t.same(
    totals,
    totals.toSorted((a, b) => a - b),
  );
  for (const { client } of viewers) client.close();
});

t.test('viewers are told how many they are', async (t) => {
  const { origin } = await startTestApp(t, { interaction: { viewersMs: 10, pulseMs: 5 } });
  const { client } = await WsClient.join(origin, 'demo');
  const has = (count: number) => (events: RoomEvent[]) =>
    events.findLast((event) => event.type === 'viewers')?.count === count;
  const other = await WsClient.join(origin, 'demo');
  await client.until(has(2), 'two viewers');
  other.client.close();
  await client.until(has(1), 'one viewer');
});

t.test('changes of the stream arrive as numbered events', async (t) => {
  const { origin, media } = await startTestApp(t);
  const { client } = await WsClient.join(origin, 'demo');
  media.getRoom('demo').setInfo({ state: 'live', sinceMs: 5, layers: [] });
  await client.until((events) => events.some((event) => event.type === 'stream'));
  t.match(client.eventsOf('stream'), [{ offset: 1, stream: { state: 'live' } }]);
  t.match((await WsClient.join(origin, 'demo')).hello.stream, { state: 'live' });
});

t.test('a frame that is not JSON is answered, then the connection ends with 4501', async (t) => {
  const { origin } = await startTestApp(t);
  for (const bad of ['{', Buffer.from([1, 2, 3])]) {
    const client = await WsClient.connect(origin, 'demo');
    client.socket.send(bad);
    t.match(await client.closed, { code: 4501 });
    t.match(client.complaints, [{ code: 'BAD_MESSAGE', retryable: false }]);
  }
});

t.test('a frame that is too large ends the connection', async (t) => {
  const { origin } = await startTestApp(t, { ws: { maxFrameBytes: 2048 } });
  const client = await WsClient.connect(origin, 'demo');
  client.socket.send('x'.repeat(3000));
  t.match(await client.closed, { code: 1009 });
});

const wrong: [what: string, method: string, params: unknown, code: string][] = [
  ['an unknown method', 'gift.send', {}, 'UNKNOWN_METHOD'],
  ['an inherited name as method', 'toString', {}, 'UNKNOWN_METHOD'],
  ['a missing field', 'danmaku.send', {}, 'BAD_REQUEST'],
  ['a wrong colour', 'danmaku.send', { text: 'x', color: 'red' }, 'BAD_REQUEST'],
  ['an empty text', 'danmaku.send', { text: ' \u200b ' }, 'BAD_REQUEST'],
  ['a text that is too long', 'danmaku.send', { text: 'x'.repeat(101) }, 'BAD_REQUEST'],
  ['no likes', 'like.send', { count: 0 }, 'BAD_REQUEST'],
  ['half a like', 'like.send', { count: 0.5 }, 'BAD_REQUEST'],
  ['a WebRTC session that does not exist', 'webrtc.layer', { sessionId: 'x', layer: 1 }, 'NOT_FOUND'],
];
t.test('what is wrong with a command is answered, and the connection stays', async (t) => {
  const { origin } = await startTestApp(t);
  const { client } = await WsClient.join(origin, 'demo');
  for (const [what, method, params, code] of wrong) {
    await t.rejects(client.call(method as 'ping', params as Record<string, never>), { code }, what);
  }
  t.ok(await client.call('ping', {}));
});

t.test('an envelope with a wrong shape is answered with the id it has', async (t) => {
  const { origin } = await startTestApp(t);
  const { client } = await WsClient.join(origin, 'demo');
  client.socket.send(JSON.stringify({ method: 'ping' }));
  client.socket.send(JSON.stringify(['ping']));
  await client.call('ping', {});
  t.match(client.complaints, [{ code: 'BAD_MESSAGE' }, { code: 'BAD_MESSAGE' }]);
});

t.test('unknown fields are ignored', async (t) => {
  const { origin } = await startTestApp(t);
  const { client } = await WsClient.join(origin, 'demo');
  t.ok(await client.call('ping', { more: 1 } as unknown as Record<string, never>));
});

t.test('who writes too fast is told when to come back', async (t) => {
  const { origin } = await startTestApp(t, { interaction: { danmaku: { perSecond: 1, burst: 3 } } });
  const { client } = await WsClient.join(origin, 'demo');
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => client.call('danmaku.send', { text: `n${n}` })),
  );
  const refused = results.flatMap((each) =>
    each.status === 'rejected' ? [each.reason as CommandError] : [],
  );
  t.equal(refused.length, 5);
  for (const { body } of refused) {
    t.match(body, { code: 'RATE_LIMITED', retryable: true });
    t.ok(body.retryAfterMs! > 0 && body.retryAfterMs! <= 1000);
  }
});

t.test('who goes on for long after being refused is sent away', async (t) => {
  const { origin } = await startTestApp(t, { ws: { maxCommandsPerSecond: 1 } });
  const { client } = await WsClient.join(origin, 'demo');
  for (let n = 0; n < 1500; n++) client.socket.send(JSON.stringify({ id: n, method: 'ping' }));
  t.match(await client.closed, { code: 4501 });
});
