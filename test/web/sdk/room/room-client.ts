// The room client against a real WebSocket server that misbehaves on request.
import t, { type Test } from 'tap';
import type { NumberedEvent } from '../../../../server/protocol/wire.ts';
import { RoomClient, type RoomClientOptions } from '../../../../web/sdk/room/room-client.ts';
import { RoomError } from '../../../../web/sdk/room/room-error.ts';
import type { RoomState } from '../../../../web/sdk/room/room-state.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeRoom, Refusal } from '../../support/fake-room.ts';

async function setUp(t: Test, options: Partial<RoomClientOptions> = {}) {
  const server = new FakeRoom();
  await server.listen();
  const room = new RoomClient({ url: server.wsUrl, retryMinMs: 20, retryMaxMs: 100, ...options });
  t.teardown(async () => {
    room.close();
    await server.close();
  });
  const texts: string[] = [];
  const states: RoomState[] = [];
  room.on('event', (event: NumberedEvent) => texts.push(event.type === 'danmaku' ? event.text : event.type));
  room.on('state', (state) => states.push(state));
  return { server, room, texts, states };
}

async function untilOpen(room: RoomClient): Promise<void> {
  await eventually(() => room.state.status === 'open', { what: 'the room opening' });
}

t.test('hello brings user, clock, totals and recent messages', async (t) => {
  const { server, room, texts } = await setUp(t, { name: 'Ann' });
  server.record('one');
  server.likes = 7;
  const likes: number[] = [];
  room.on('likes', (total) => likes.push(total));
  room.connect();
  await untilOpen(room);
  t.equal(room.hello?.user.name, 'Ann');
  t.same(texts, ['one']);
  t.same(likes, [7]);
  t.ok(room.clock.known);
  t.ok(Math.abs(room.clock.nowMs() - Date.now()) < 5000);
});

t.test('after a lost connection it resumes and shows each event once', async (t) => {
  const { server, room, texts, states } = await setUp(t);
  room.connect();
  await untilOpen(room);
  server.say('before');
  await eventually(() => texts.includes('before'), { what: 'the first event' });
  server.dropAll(4009);
  server.record('meanwhile');
  await eventually(() => texts.includes('meanwhile'), { what: 'the missed event' });
  await untilOpen(room);
  server.push(server.history);
  server.say('after');
  await eventually(() => texts.includes('after'), { what: 'the last event' });
  t.same(texts, ['before', 'meanwhile', 'after']);
  t.ok(states.some((state) => state.status === 'waiting' && state.code === 4009));
});

t.test('what cannot be recovered is told as a gap', async (t) => {
  const { server, room, texts } = await setUp(t);
  const gaps: number[] = [];
  room.on('gap', ({ dropped }) => gaps.push(dropped));
  room.connect();
  await untilOpen(room);
  server.canRecover = false;
  server.offset = 10;
  server.record('much later');
  server.dropAll(4008);
  await eventually(() => texts.includes('much later'), { what: 'the snapshot', timeoutMs: 5000 });
  t.same(gaps, [10]);
});

t.test('a final close code ends it', async (t) => {
  const { server, room, states } = await setUp(t);
  room.connect();
  await untilOpen(room);
  server.dropAll(4504);
  await eventually(() => room.state.status === 'closed', { what: 'the end' });
  t.match(room.state, { status: 'closed', code: 4504 });
  t.notOk(states.some((state) => state.status === 'waiting'));
});

t.test('a hello that is refused for good ends it with the reason', async (t) => {
  const { server, room } = await setUp(t);
  server.handlers['hello'] = () => {
    throw new Refusal({ code: 'UNAUTHORIZED', message: 'the token has expired', retryable: false });
  };
  room.connect();
  await eventually(() => room.state.status === 'closed', { what: 'the end' });
  t.match(room.state, { reason: 'the token has expired' });
});

t.test('a refused command rejects with the code and when to come back', async (t) => {
  const { server, room } = await setUp(t);
  server.handlers['danmaku.send'] = () => {
    throw new Refusal({ code: 'RATE_LIMITED', message: 'slow down', retryable: true, retryAfterMs: 900 });
  };
  room.connect();
  await untilOpen(room);
  const error = await room.request('danmaku.send', { text: 'hi' }).catch((error: unknown) => error);
  t.type(error, RoomError);
  t.match(error, { code: 'RATE_LIMITED', retryAfterMs: 900, retryable: true });
});

t.test('a command without an answer times out, one without a connection is refused at once', async (t) => {
  const { server, room } = await setUp(t);
  await t.rejects(room.request('ping', {}), { code: 'DISCONNECTED' });
  server.handlers['like.send'] = () => undefined;
  room.connect();
  await untilOpen(room);
  await t.rejects(room.request('like.send', { count: 1 }, { timeoutMs: 50 }), { code: 'TIMEOUT' });
});

t.test('commands under way are rejected when the connection is lost', async (t) => {
  const { server, room } = await setUp(t);
  server.handlers['like.send'] = () => undefined;
  room.connect();
  await untilOpen(room);
  const like = room.request('like.send', { count: 1 });
  server.dropAll(4009);
  await t.rejects(like, { code: 'DISCONNECTED' });
});

t.test('events move to a data channel and back, each shown once', async (t) => {
  const { server, room, texts } = await setUp(t);
  room.connect();
  await untilOpen(room);
  const said: { id: number; method: string; params: Record<string, unknown> }[] = [];
  const link = { send: (text: string) => said.push(JSON.parse(text)) > 0 };
  const moving = room.useChannel(link);
  t.match(said[0], { method: 'hello', params: { protocol: 1, resume: { epoch: 'e1', offset: 0 } } });
  const onBoth = server.record('on both ways');
  const hello = await server.handlers['hello']?.(said[0]?.params ?? {}, undefined as never);
  room.receive(JSON.stringify({ id: said[0]?.id, result: hello }));
  await moving;
  t.same(room.state, { status: 'open', events: 'data-channel' });
  server.push([onBoth]);
  const byChannel = server.record('by channel');
  room.receive(JSON.stringify({ epoch: 'e1', events: [byChannel] }));
  void room.request('like.send', { count: 1 }).catch(() => undefined);
  t.equal(said[1]?.method, 'like.send');
  room.dropChannel(link);
  await eventually(() => room.state.status === 'open' && room.state.events === 'websocket', {
    what: 'the way back',
  });
  server.say('by websocket');
  await eventually(() => texts.includes('by websocket'), { what: 'the last event' });
  t.same(texts, ['on both ways', 'by channel', 'by websocket']);
});

t.test('an event that got lost on the way is asked for', async (t) => {
  const { server, room, texts } = await setUp(t);
  room.connect();
  await untilOpen(room);
  server.record('lost');
  server.say('came');
  await eventually(() => texts.includes('lost'), { what: 'the lost event' });
  t.same(texts, ['came', 'lost']);
});

t.test('when the offsets restart unannounced it says hello again', async (t) => {
  const { server, room, texts } = await setUp(t);
  server.offset = 50;
  room.connect();
  await untilOpen(room);
  server.epoch = 'e2';
  server.offset = 0;
  server.say('fresh start');
  await eventually(() => texts.includes('fresh start'), { what: 'the event of the new epoch' });
  t.same(texts, ['fresh start']);
});
