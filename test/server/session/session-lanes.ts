// One session over a WebSocket and data channels: events move between them without a hole. The data channels are fakes.
import t from 'tap';
import type { HelloResult, NumberedEvent } from '../../../server/protocol/wire.ts';
import type { FakeWebRtcSession } from '../../fakes/fake-live.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';
import { WsClient } from '../../support/ws-client.ts';

const FAST = { interaction: { danmaku: { burst: 1000, perSecond: 1000 } } };

/** A viewer with a WebSocket and data channels, not yet moved. */
async function joinWithChannels(test: TestApp) {
  const { client, hello } = await WsClient.join(test.origin, 'demo');
  const { sessionId } = await client.call('webrtc.offer', { sdp: 'v=0\r\n' });
  const webrtc = [...test.media.getRoom('demo').sessions].find((session) => session.id === sessionId)!;
  return { client, hello, webrtc };
}

function helloOver(webrtc: FakeWebRtcSession, resume: { epoch: string; offset: number }): void {
  const params = { protocol: 1, resume };
  webrtc.emit('message', JSON.stringify({ id: 1, method: 'hello', params }));
}

function read(webrtc: FakeWebRtcSession): { replies: { result: HelloResult }[]; events: NumberedEvent[] } {
  const frames = webrtc.received.map(({ frame }) => JSON.parse(frame));
  return {
    replies: frames.filter((frame) => frame.result),
    events: frames.flatMap((frame) => frame.events ?? []).filter((event) => event.offset),
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let n = 0; n < 2000 && !isTrue(); n++) await new Promise((resolve) => setImmediate(resolve));
}

t.test('hello on the data channel moves the events to the lanes, without a hole', async (t) => {
  const test = await startTestApp(t, FAST);
  const { client, hello, webrtc } = await joinWithChannels(test);
  const sender = await WsClient.join(test.origin, 'demo');
  const gate = Promise.withResolvers<void>();
  webrtc.resumeGate = gate.promise;
  for (let n = 0; n < 5; n++) await sender.client.call('danmaku.send', { text: `n${n}` });
  helloOver(webrtc, { epoch: hello.epoch, offset: 0 });
  for (let n = 5; n < 15; n++) await sender.client.call('danmaku.send', { text: `n${n}` });
  await sender.client.until((events) => events.filter((event) => event.type === 'danmaku').length === 15);
  gate.resolve();
  await until(() => webrtc.lanes === 'open');
  for (let n = 15; n < 25; n++) await sender.client.call('danmaku.send', { text: `n${n}` });
  await sender.client.until((events) => events.filter((event) => event.type === 'danmaku').length === 25);
  const { replies, events } = read(webrtc);
  t.equal(replies.length, 1);
  t.equal(replies[0]!.result.session, hello.session);
  const onWebSocket = client.eventsOf('danmaku').map((event) => event.offset);
  const onLanes = [...replies[0]!.result.missed, ...events].map((event) => event.offset);
  const all = new Set([...onWebSocket, ...onLanes]);
  t.equal(all.size, 25, 'nothing is missing');
  t.ok(Math.max(...onWebSocket) <= 15, 'the WebSocket carries no events any more');
  t.equal(new Set(onLanes).size, onLanes.length, 'nothing comes twice on the lanes');
});

t.test('hello on the WebSocket moves the events back', async (t) => {
  const test = await startTestApp(t, FAST);
  const { client, hello, webrtc } = await joinWithChannels(test);
  helloOver(webrtc, { epoch: hello.epoch, offset: 0 });
  await until(() => webrtc.lanes === 'open');
  await client.call('danmaku.send', { text: 'on the lanes' });
  await until(() => read(webrtc).events.length === 1);
  t.equal(client.eventsOf('danmaku').length, 0);
  const back = await client.call('hello', { protocol: 1, resume: { epoch: hello.epoch, offset: 1 } });
  t.match(back, { session: hello.session, recovered: true, missed: [], offset: 1 });
  await until(() => webrtc.lanes === 'paused');
  t.equal(webrtc.lanes, 'paused');
  await client.call('danmaku.send', { text: 'on the WebSocket' });
  await client.until((events) => events.some((event) => event.type === 'danmaku' && event.offset === 2));
  t.equal(read(webrtc).events.length, 1);
});

t.test('a hello on the WebSocket overtakes a move to the lanes that is under way', async (t) => {
  const test = await startTestApp(t, FAST);
  const { client, hello, webrtc } = await joinWithChannels(test);
  const gate = Promise.withResolvers<void>();
  webrtc.resumeGate = gate.promise;
  helloOver(webrtc, { epoch: hello.epoch, offset: 0 });
  await client.call('hello', { protocol: 1 });
  gate.resolve();
  await until(() => webrtc.lanes === 'paused');
  await client.call('danmaku.send', { text: 'x' });
  await client.until((events) => events.some((event) => event.type === 'danmaku'));
});

t.test('when the WebRTC session dies the events come on the WebSocket again', async (t) => {
  const test = await startTestApp(t, FAST);
  const { client, hello, webrtc } = await joinWithChannels(test);
  helloOver(webrtc, { epoch: hello.epoch, offset: 0 });
  await until(() => webrtc.lanes === 'open');
  webrtc.close('ICE failed');
  await client.until((events) => events.some((event) => event.type === 'webrtc'));
  t.match(client.eventsOf('webrtc'), [{ state: 'closed', sessionId: webrtc.id, reason: 'ICE failed' }]);
  await client.call('danmaku.send', { text: 'x' });
  await client.until((events) => events.some((event) => event.type === 'danmaku'));
});

t.test('lanes that lose frames are left, with the newest events once more', async (t) => {
  const test = await startTestApp(t, FAST);
  const { client, hello, webrtc } = await joinWithChannels(test);
  helloOver(webrtc, { epoch: hello.epoch, offset: 0 });
  await until(() => webrtc.lanes === 'open');
  for (let n = 0; n < 3; n++) await client.call('danmaku.send', { text: `n${n}` });
  await until(() => read(webrtc).events.length === 3);
  webrtc.emit('laneFull', 'pulse');
  webrtc.emit('laneFull', 'chat');
  await client.until((events) => events.filter((event) => event.type === 'danmaku').length === 3);
  t.same(
    client.eventsOf('danmaku').map((event) => event.offset),
    [1, 2, 3],
  );
});

t.test('commands on the data channel are commands of the same session', async (t) => {
  const test = await startTestApp(t);
  const { hello, webrtc } = await joinWithChannels(test);
  const command = { id: 7, method: 'danmaku.send', params: { text: 'from below' } };
  webrtc.emit('message', JSON.stringify(command));
  await until(() => webrtc.received.length === 1);
  t.match(JSON.parse(webrtc.received[0]!.frame), { id: 7, result: { offset: 1 } });
  const other = await WsClient.join(test.origin, 'demo');
  t.match(other.hello.snapshot.recent, [{ user: { id: hello.user.id } }]);
});

t.test('a session ends with its WebSocket, and its WebRTC session with it', async (t) => {
  const test = await startTestApp(t);
  const { client, webrtc } = await joinWithChannels(test);
  client.close();
  await client.closed;
  await until(() => webrtc.isClosed);
  t.ok(webrtc.isClosed);
});

t.test('a new offer replaces the WebRTC session, a restart keeps it', async (t) => {
  const test = await startTestApp(t);
  const { client, webrtc } = await joinWithChannels(test);
  const restarted = await client.call('webrtc.offer', { sdp: 'v=0\r\n', restart: webrtc.id });
  t.match(restarted, { sessionId: webrtc.id, sdp: /restarted/ });
  const { sessionId } = await client.call('webrtc.offer', { sdp: 'v=0\r\n' });
  t.not(sessionId, webrtc.id);
  t.ok(webrtc.isClosed);
  await client.call('webrtc.layer', { sessionId, layer: 1 });
  const [second] = test.media.getRoom('demo').sessions;
  t.equal(second!.preferredLayer, 1);
  second!.emit('layer', 1);
  await client.until((events) => events.some((event) => event.type === 'webrtc' && event.state === 'layer'));
  await client.call('webrtc.close', { sessionId });
  t.ok(second!.isClosed);
});

t.test('an offer that is no SDP is the answer to the command', async (t) => {
  const test = await startTestApp(t);
  const { client } = await WsClient.join(test.origin, 'demo');
  await t.rejects(client.call('webrtc.offer', { sdp: 'nonsense' }), { code: 'BAD_REQUEST' });
});

t.test('a WHEP player with data channels may talk over them', async (t) => {
  const test = await startTestApp(t);
  const response = await fetch(`${test.origin}/live/demo/whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n',
  });
  t.equal(response.status, 201);
  const [webrtc] = test.media.getRoom('demo').sessions;
  t.equal(webrtc!.options.dataChannels, true);
  helloOver(webrtc!, { epoch: '', offset: 0 });
  await until(() => webrtc!.lanes === 'open');
  t.match(read(webrtc!).replies, [{ result: { recovered: false, snapshot: { viewers: 1 } } }]);
  const { client } = await WsClient.join(test.origin, 'demo');
  await client.call('danmaku.send', { text: 'hello below' });
  await until(() => read(webrtc!).events.length === 1);
  t.equal(read(webrtc!).events.length, 1);
  webrtc!.close('gone');
  const again = await WsClient.join(test.origin, 'demo');
  t.equal(again.hello.snapshot.viewers, 2);
});
