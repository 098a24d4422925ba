// A room with real workers and real viewers (libdatachannel): sessions, lanes, limits, deaths, leaks.
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { waitFor } from '../../../core/lifecycle.ts';
import { silentLogger } from '../../../core/logger.ts';
import type { VideoLayer } from '../../../media/webrtc/room-feed.ts';
import {
  createWebRtcPlane,
  type WebRtcPlane,
  type WebRtcPlaneOptions,
} from '../../../media/webrtc/webrtc-plane.ts';
import type { WebRtcRoom } from '../../../media/webrtc/webrtc-room.ts';
import type { WebRtcSession } from '../../../media/webrtc/webrtc-session.ts';
import { encodeUnits } from '../../support/lavfi-units.ts';
import { LoopedRendition } from '../../support/looped-rendition.ts';
import { cleanupNativeViewers, NativeViewer, type NativeViewerOptions } from '../../support/native-viewer.ts';

async function createPlane(t: Test, options: Partial<WebRtcPlaneOptions> = {}): Promise<WebRtcPlane> {
  const plane = await createWebRtcPlane({
    ...{ host: '127.0.0.1', port: 0, workers: 1, logger: silentLogger },
    ...options,
  });
  t.teardown(() => plane.close('test over'));
  return plane;
}

async function join(t: Test, room: WebRtcRoom, options?: NativeViewerOptions) {
  const viewer = new NativeViewer(options);
  t.teardown(() => viewer.close());
  const session = await room.answer({ offer: await viewer.createOffer() });
  viewer.accept(session.answer);
  await viewer.connected();
  return { viewer, session };
}

/** Has viewers who go without a word noticed as soon as mediasoup allows, which is after 10 s. */
const VANISHING = { iceConsentTimeoutS: 10, interruptedMs: 100 };

async function closedReason(session: WebRtcSession): Promise<unknown> {
  return (await waitFor(session, 'closed', { timeoutMs: 20_000 }))[0];
}

const video = (width: number, height: number) =>
  encodeUnits({
    source: `testsrc2=size=${width}x${height}:rate=30`,
    seconds: 2,
    encoder: [
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-g',
      '30',
      '-b:v',
      '300k',
      '-pix_fmt',
      'yuv420p',
    ],
  });
t.teardown(cleanupNativeViewers);

const encoded = Promise.all([
  video(320, 180),
  video(854, 480),
  encodeUnits({
    source: 'sine=frequency=440:sample_rate=48000',
    seconds: 2.2,
    encoder: ['-c:a', 'libopus', '-ac', '2'],
  }),
]);

/** Feeds a room with two sizes and sound until the test is over. */
async function publish(t: Test, room: WebRtcRoom): Promise<LoopedRendition[]> {
  const startUs = Date.now() * 1000;
  const renditions = (await encoded).map(
    (media, index) => new LoopedRendition({ id: `r${index}`, media, startUs, loopUs: 2_000_000 }),
  );
  for (const rendition of renditions) room.attachRendition(rendition);
  t.teardown(() => {
    for (const rendition of renditions) rendition.close('test over');
  });
  return renditions;
}

t.test('a viewer without a browser receives sound and picture of one answer', async (t) => {
  const plane = await createPlane(t, { roomLimits: VANISHING });
  const room = await plane.openRoom('demo');
  await publish(t, room);
  t.same(
    room.layers.map(({ index, name }) => [index, name]),
    [
      [0, '180p'],
      [1, '480p'],
    ],
  );
  const { viewer, session } = await join(t, room);
  while (viewer.packets.video < 20 || viewer.packets.audio < 20) {
    await waitFor(viewer, 'packet', { timeoutMs: 10_000 });
  }
  t.equal(session.state.name, 'connected');
  await session.refreshStats();
  t.ok(session.describe().bytesSent > 0);
  t.ok(room.describe().bytesSent > 0);
  viewer.close();
  t.match(await closedReason(session), /^(connection lost|closed by the viewer)$/);
  t.equal(room.sessionCount, 0);
});

t.test('the same session plays on when the publisher leaves and comes back', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  const first = await publish(t, room);
  const { viewer, session } = await join(t, room);
  await waitFor(viewer, 'packet', { timeoutMs: 10_000 });
  for (const rendition of first) rendition.close('publisher left');
  t.same(room.layers, []);
  t.equal(room.live, false);
  const before = { ...viewer.packets };
  await publish(t, room);
  while (viewer.packets.video < before.video + 20 || viewer.packets.audio < before.audio + 20) {
    await waitFor(viewer, 'packet', { timeoutMs: 15_000 });
  }
  t.equal(session.state.name, 'connected');
});

t.test('every payload type mapping is answered as offered', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  await publish(t, room);
  const mappings = [
    { h264: 102, opus: 111 },
    { h264: 96, opus: 97 },
    { h264: 125, opus: 98 },
  ];
  for (const mapping of mappings) {
    const { viewer, session } = await join(t, room, mapping);
    t.match(session.answer, new RegExp(`a=rtpmap:${mapping.h264} H264/90000`));
    const kinds = new Map<string, Buffer>();
    viewer.on('packet', (kind, packet) => kinds.set(kind, packet));
    while (kinds.size < 2) await waitFor(viewer, 'packet', { timeoutMs: 10_000 });
    t.equal(kinds.get('video')![1]! & 0x7f, mapping.h264);
    t.equal(kinds.get('audio')![1]! & 0x7f, mapping.opus);
  }
  t.equal(room.describe().outlets, 3);
});

t.test('audio-only, video-only and data-only offers are served', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  await publish(t, room);
  const audio = await join(t, room, { video: false });
  await waitFor(audio.viewer, 'packet', { timeoutMs: 10_000 });
  t.equal(audio.viewer.packets.video, 0);
  const picture = await join(t, room, { audio: false });
  await waitFor(picture.viewer, 'packet', { timeoutMs: 10_000 });
  t.equal(picture.viewer.packets.audio, 0);
  const data = await join(t, room, { audio: false, video: false, data: true });
  t.equal(data.session.describe().dataChannels, true);
  t.equal(room.sessionCount, 3);
});

t.test('lanes: commands come up, answers go down to one, broadcasts to all that resumed', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  const [a, b] = [await join(t, room, { data: true }), await join(t, room, { data: true })];
  for (const { viewer } of [a, b]) {
    while (!['value', 'chat', 'pulse'].every((label) => viewer.isOpen(label))) {
      await waitFor(viewer, 'open', { timeoutMs: 10_000 });
    }
  }
  const got: string[] = [];
  a.viewer.on('message', (label, text) => got.push(`a ${label} ${text}`));
  b.viewer.on('message', (label, text) => got.push(`b ${label} ${text}`));

  a.viewer.send('value', '{"id":1,"method":"hello"}');
  t.same(await waitFor(a.session, 'message', { timeoutMs: 10_000 }), ['{"id":1,"method":"hello"}']);

  room.broadcast('value', 'before anyone resumed');
  a.session.send('only for a');
  await a.session.resumeLanes();
  for (const lane of ['value', 'chat', 'pulse'] as const) room.broadcast(lane, `${lane} for a`);
  await b.session.resumeLanes();
  room.broadcast('value', 'für alle ✓');
  await a.session.pauseLanes();
  room.broadcast('value', 'for b');
  while (!got.includes('b value for b')) await waitFor(b.viewer, 'message', { timeoutMs: 10_000 });
  while (got.length < 7) await waitFor(a.viewer, 'message', { timeoutMs: 10_000 });
  t.same(got.sort(), [
    'a chat chat for a',
    'a pulse pulse for a',
    'a value für alle ✓',
    'a value only for a',
    'a value value for a',
    'b value for b',
    'b value für alle ✓',
  ]);
});

t.test('a restart of ICE is answered with new credentials, candidates with nothing', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  const viewer = new NativeViewer();
  t.teardown(() => viewer.close());
  const offer = await viewer.createOffer();
  const session = await room.answer({ offer });
  const ufrag = /a=ice-ufrag:(\S+)/.exec(offer)![1]!;
  const password = 'p'.repeat(24);
  t.equal(await session.patch(`a=ice-ufrag:${ufrag}\r\na=ice-pwd:${password}\r\n`), undefined);
  const fragment = await session.patch(`a=ice-ufrag:other\r\na=ice-pwd:${password}\r\n`);
  const old = /a=ice-ufrag:(\S+)/.exec(session.answer)![1]!;
  t.match(fragment, /a=ice-ufrag:/);
  t.notMatch(fragment, old);
  t.match(fragment, /a=candidate:/);
  t.match(await session.restart(offer), /^v=0/);
  const other = new NativeViewer();
  t.teardown(() => other.close());
  await t.rejects(session.restart(await other.createOffer()), { code: 'BAD_REQUEST' });
  session.close('done');
  await t.rejects(session.restart(offer), { code: 'CONFLICT' });
});

t.test('a viewer that never connects is dropped', async (t) => {
  const plane = await createPlane(t, { roomLimits: { connectMs: 200 } });
  const room = await plane.openRoom('demo');
  const viewer = new NativeViewer();
  t.teardown(() => viewer.close());
  const session = await room.answer({ offer: await viewer.createOffer() });
  t.equal(await closedReason(session), 'never connected');
  t.equal(room.sessionCount, 0);
});

t.test('limits of room and plane answer OVERLOADED, bad layers BAD_REQUEST', async (t) => {
  const plane = await createPlane(t, { maxSessions: 2, roomLimits: { maxSessions: 1, maxOutlets: 1 } });
  const [one, two, three] = [
    await plane.openRoom('one'),
    await plane.openRoom('two'),
    await plane.openRoom('three'),
  ];
  const offer = async () => {
    const viewer = new NativeViewer();
    t.teardown(() => viewer.close());
    return viewer.createOffer();
  };
  const session = await one!.answer({ offer: await offer() });
  await t.rejects(one!.answer({ offer: await offer() }), { code: 'OVERLOADED' });
  await two!.answer({ offer: await offer() });
  await t.rejects(three!.answer({ offer: await offer() }), { code: 'OVERLOADED' });
  await t.rejects(session.setPreferredLayer(7), { code: 'BAD_REQUEST' });
  await session.setPreferredLayer(1);
  await session.setPreferredLayer(null);
  await t.rejects(plane.openRoom('one'), { code: 'CONFLICT' });
});

t.test('a worker that dies takes its sessions only: it is replaced and the room goes on', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  await publish(t, room);
  const { session } = await join(t, room);
  const closed = closedReason(session);
  const died = once(plane, 'workerDied');
  process.kill(plane.pool.workers[0]!.pid, 'SIGKILL');
  t.equal(await closed, 'worker gone');
  await died;
  t.equal(room.closed, false);
  const { viewer } = await join(t, room);
  await waitFor(viewer, 'packet', { timeoutMs: 10_000 });
  t.equal(plane.describe().workersDied, 1);
  const other = await plane.openRoom('other');
  await join(t, other);
});

t.test('closing is idempotent, closes everything once, and leaves no process', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  const { session } = await join(t, room, { data: true });
  const reasons: string[] = [];
  session.on('closed', (reason) => reasons.push(`session ${reason}`));
  room.on('closed', (reason) => reasons.push(`room ${reason}`));
  const pid = plane.pool.workers[0]!.pid;
  room.close('deleted');
  room.close('again');
  await t.rejects(room.answer({ offer: 'v=0\r\n' }), { code: 'BAD_REQUEST' });
  await plane.close('over');
  await plane.close('again');
  t.same(reasons, ['session deleted', 'room deleted']);
  t.throws(() => process.kill(pid, 0), 'the worker is gone');
});

t.test('100 viewers come and go and leave nothing behind', { timeout: 60_000 }, async (t) => {
  const plane = await createPlane(t, { roomLimits: { ...VANISHING, outletIdleMs: 1 } });
  const worker = plane.pool.workers[0]!;
  const room = await plane.openRoom('demo');
  await publish(t, room);
  const gone: Promise<unknown>[] = [];
  for (let round = 0; round < 4; round++) {
    const viewers = Array.from({ length: 25 }, () => new NativeViewer({ data: round % 2 === 0 }));
    const sessions = await Promise.all(
      viewers.map(async (viewer) => {
        const session = await room.answer({ offer: await viewer.createOffer() });
        viewer.accept(session.answer);
        return session;
      }),
    );
    await Promise.all(viewers.map((viewer) => viewer.connected()));
    gone.push(...sessions.map(closedReason));
    // The server ends half of them, the others vanish.
    for (const [index, session] of sessions.entries()) if (index % 2 === 0) session.close('kicked');
    for (const viewer of viewers) viewer.close();
  }
  await Promise.all(gone);
  while (room.describe().outlets > 0) await new Promise((resolve) => setImmediate(resolve));
  t.equal(room.sessionCount, 0);
  t.equal(worker.load, 0);
  const dump = await worker.worker.dump();
  t.same(dump.routerIds, []);
  t.same((await worker.server.dump()).webRtcTransportIds, []);
  t.same((await worker.server.dump()).localIceUsernameFragments, []);
});

t.test('layers are told when a rendition comes or goes, other codecs are not taken', async (t) => {
  const plane = await createPlane(t);
  const room = await plane.openRoom('demo');
  const seen: (readonly VideoLayer[])[] = [];
  room.on('layers', (layers) => seen.push(layers));
  const [low, high] = await publish(t, room);
  t.same(
    seen.map((layers) => layers.map((layer) => layer.name)),
    [['180p'], ['180p', '480p']],
  );
  low!.close('re-planned');
  t.same(
    room.layers.map((layer) => layer.name),
    ['480p'],
  );
  t.equal(room.attachRendition(high!), false, 'attached already');
  const track = { ...high!.track, codec: 'av1' as const };
  const av1 = Object.assign(Object.create(high!), { track });
  t.equal(room.attachRendition(av1), false);
});
