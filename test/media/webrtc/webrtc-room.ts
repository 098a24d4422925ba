// A room with real workers and real viewers (libdatachannel): sessions, payload types, lanes, layers.
import t from 'tap';
import { waitFor } from '../../../core/lifecycle.ts';
import type { VideoLayer } from '../../../media/webrtc/room-feed.ts';
import { cleanupNativeViewers, NativeViewer } from '../../support/native-viewer.ts';
import { closedReason, createPlane, join, publish, VANISHING } from '../../support/webrtc-rig.ts';

t.teardown(cleanupNativeViewers);

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
