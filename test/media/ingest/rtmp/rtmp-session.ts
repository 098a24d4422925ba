// The session as encoders use it: admission, commands, kicks, and the order of things.
import t from 'tap';
import { BarrageError } from '../../../../core/errors.ts';
import { waitFor } from '../../../../core/lifecycle.ts';
import { MESSAGE } from '../../../../media/ingest/rtmp/rtmp-message.ts';
import { aacFrame, avcConfig, avcFrame, exVideo, HEVC, IDR } from '../../../support/flv-payloads.ts';
import { RecordingTarget } from '../../../support/recording-target.ts';
import { KEY, sendMedia, serveRtmp } from '../../../support/rtmp-bench.ts';
import { amf0, chunks, handshake, RtmpTestClient } from '../../../support/rtmp-client.ts';

const DEADLINE = { timeoutMs: 5000 };

t.test('a second publisher of a key is told so', async (t) => {
  const bench = await serveRtmp(t, {}, async () => {
    throw new BarrageError('PUBLISHER_EXISTS', 'somebody is publishing with this key already');
  });
  const client = await RtmpTestClient.connected(bench.port);
  client.command('publish', 3, null, KEY, 'live');
  t.match(await client.status('NetStream.Publish.BadName'), /publishing with this key already/);
  await client.closed;
  await bench.closedOnce('publisher_exists');
});

t.test('an admission that fails inside is not explained to the client', async (t) => {
  const bench = await serveRtmp(t, {}, async () => {
    throw new Error('database password is hunter2');
  });
  const client = await RtmpTestClient.connected(bench.port);
  client.command('publish', 3, null, KEY, 'live');
  t.equal(await client.status('NetStream.Publish.BadName'), 'internal error');
  await client.closed;
  await bench.closedOnce('internal');
});

t.test('Publish.Start comes after admission, and nothing is read meanwhile', async (t) => {
  const target = new RecordingTarget();
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const bench = await serveRtmp(t, { maxBytesBeforePublish: 100_000 }, async () => {
    asked.resolve();
    await gate.promise;
    return target;
  });
  const client = await RtmpTestClient.connected(bench.port);
  client.command('publish', 3, null, KEY, 'live');
  sendMedia(client);
  await asked.promise;
  const before = bench.server.describe().bytesIn;
  for (let sent = 0; sent < 3000; sent++) {
    client.send({ type: MESSAGE.audio, payload: aacFrame(Buffer.alloc(1000)), streamId: 1, chunkStream: 4 });
  }
  client.command('_checkbw', 9, null);
  await new Promise((resolve) => setImmediate(resolve));
  t.ok(bench.server.describe().bytesIn - before <= 128 * 1024, 'the socket is paused');
  t.same(client.statuses, []);
  t.same(target.units, []);
  gate.resolve();
  await client.status('NetStream.Publish.Start');
  await client.answer('_result'); // of _checkbw, behind all the media
  t.equal(target.of('audio').length, 3001);
  t.equal(target.of('video').length, 1);
});

t.test('a client that leaves during admission has its target ended', async (t) => {
  const target = new RecordingTarget();
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const bench = await serveRtmp(t, { admitTimeoutMs: 100 }, async () => {
    asked.resolve();
    await gate.promise;
    return target;
  });
  const client = await RtmpTestClient.connected(bench.port);
  client.command('publish', 3, null, KEY, 'live');
  await asked.promise;
  await client.status('NetStream.Publish.BadName');
  await client.closed;
  await bench.closedOnce('admit_timeout');
  const ended = waitFor(target, 'end', DEADLINE);
  gate.resolve();
  t.same((await ended)[1], false);
  t.same(target.units, []);
});

t.test('an application that is not served is rejected with its reason', async (t) => {
  const bench = await serveRtmp(t);
  const client = await RtmpTestClient.shake(bench.port);
  client.command('connect', 1, { app: 'other', tcUrl: 'rtmp://127.0.0.1/other' });
  const [, , , info] = await client.answer('_error');
  t.match(info, { code: 'NetConnection.Connect.Rejected', description: /"other".*"live"/ });
  await client.closed;
  await bench.closedOnce('bad_app');
});

t.test('the forms of address in use all give the same key', async (t) => {
  for (const [app, name] of [
    ['live', KEY],
    ['live/', KEY],
    ['live', `${KEY}?token=1`],
    [`live/${KEY}`, ''],
    ['live', `?key=${KEY}`],
  ] as const) {
    const bench = await serveRtmp(t);
    const client = await RtmpTestClient.publishing(bench.port, name, app);
    t.same(bench.admitted, [{ app: 'live', streamKey: KEY }], `${app} + ${name}`);
    client.socket.destroy();
  }
});

t.test('a codec that the target refuses is refused with its reason', async (t) => {
  const bench = await serveRtmp(t);
  bench.target.refuseTrack = new BarrageError('UNSUPPORTED_MEDIA', 'this ffmpeg cannot decode HEVC in FLV');
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  client.send({ type: MESSAGE.video, payload: exVideo(0, 'hvc1', HEVC), streamId: 1, chunkStream: 6 });
  t.equal(await client.status('NetStream.Publish.Rejected'), 'this ffmpeg cannot decode HEVC in FLV');
  await client.closed;
  await bench.closedOnce('unsupported_media');
});

t.test('metadata garbage is passed over', async (t) => {
  const bench = await serveRtmp(t);
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  client.send({ type: MESSAGE.dataAmf0, payload: Buffer.from([2, 0, 99]), streamId: 1 });
  const metadata = { width: 1280, framerate: 30, encoder: 'obs', videodatarate: 'fast', height: Number.NaN };
  const payload = amf0('@setDataFrame', 'onMetaData', metadata);
  client.send({ type: MESSAGE.dataAmf0, payload, streamId: 1 });
  await waitFor(bench.target, 'metadata', DEADLINE);
  t.same(bench.target.metadata, [{ encoder: 'obs', width: 1280, frameRate: 30 }]);
  client.socket.destroy();
});

t.test('unpublish ends cleanly, and the connection may publish again', async (t) => {
  const bench = await serveRtmp(t);
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  client.command('FCUnpublish', 5, null, KEY);
  client.command('deleteStream', 6, null, 1);
  await client.status('NetStream.Unpublish.Success');
  sendMedia(client); // the rest of the queue
  t.same(bench.target.ends, [{ reason: 'unpublished', clean: true }]);
  client.command('publish', 7, null, KEY, 'live');
  await client.status('NetStream.Publish.Start');
  t.same(bench.target.units, []);
  client.socket.destroy();
});

t.test('the session that admission gets closes the connection and says why', async (t) => {
  const target = new RecordingTarget();
  const kicks: ((reason: string) => unknown)[] = [];
  const bench = await serveRtmp(t, {}, async (_, session) => {
    kicks.push((reason) => session.close(reason));
    return target;
  });
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  kicks[0]!('another publisher took over');
  kicks[0]!('twice does nothing');
  t.equal(await client.status('NetStream.Publish.Rejected'), 'another publisher took over');
  await client.closed;
  t.same(target.ends, [{ reason: 'another publisher took over', clean: false }]);
  await bench.closedOnce('kicked');
});

t.test(
  'calls of encoders are answered: releaseStream, FCPublish, _checkbw, ping, AMF3 commands',
  async (t) => {
    const bench = await serveRtmp(t);
    const client = await RtmpTestClient.connected(bench.port, 'live', { fourCcList: ['*'], capsEx: 4 });
    client.command('releaseStream', 4, null, KEY);
    t.equal((await client.answer('_result'))[1], 4);
    client.command('FCPublish', 5, null, KEY);
    t.equal((await client.answer('_result'))[1], 5);
    await client.answer('onFCPublish');
    client.send({
      type: MESSAGE.commandAmf3,
      payload: Buffer.concat([Buffer.of(0), amf0('_checkbw', 6, null)]),
    });
    t.equal((await client.answer('_result'))[1], 6);
    client.command('somethingElse', 7, null);
    client.messages.length = 0;
    client.send({ type: MESSAGE.userControl, payload: Buffer.from([0, 6, 1, 2, 3, 4]), chunkStream: 2 });
    t.same(await client.message(MESSAGE.userControl), Buffer.from([0, 7, 1, 2, 3, 4]));
    client.socket.destroy();
  },
);

t.test('Enhanced RTMP is offered to clients that speak it, and to no other', async (t) => {
  const bench = await serveRtmp(t);
  const caps = async (extra: object): Promise<unknown> => {
    const client = await RtmpTestClient.shake(bench.port);
    client.command('connect', 1, { app: 'live', ...extra });
    const [, , properties] = await client.answer('_result');
    client.socket.destroy();
    return (properties as { fourCcList?: unknown }).fourCcList;
  };
  t.same(await caps({ fourCcList: ['hvc1'] }), ['avc1', 'hvc1', 'av01', 'mp4a', 'Opus']);
  t.equal(await caps({}), undefined);
});

t.test('bytes are acknowledged in the window that the client set', async (t) => {
  const bench = await serveRtmp(t);
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  const window = Buffer.alloc(4);
  window.writeUInt32BE(100_000);
  client.send({ type: MESSAGE.windowAckSize, payload: window, chunkStream: 2 });
  client.setChunkSize(4096);
  client.send({ type: 99, payload: Buffer.alloc(60_000), chunkStream: 7 });
  client.send({ type: 99, payload: Buffer.alloc(60_000), chunkStream: 7 });
  const acked = (await client.message(MESSAGE.acknowledgement)).readUInt32BE();
  t.ok(acked >= 100_000 && acked <= bench.server.describe().bytesIn);
  client.socket.destroy();
});

t.test('everything up to the media may come in one packet, or byte by byte', async (t) => {
  const bench = await serveRtmp(t);
  const wire = Buffer.concat([
    handshake(),
    chunks({ type: MESSAGE.commandAmf0, payload: amf0('connect', 1, { app: 'live' }) }),
    chunks({ type: MESSAGE.commandAmf0, payload: amf0('createStream', 2, null) }),
    chunks({ type: MESSAGE.commandAmf0, payload: amf0('publish', 3, null, KEY), streamId: 1 }),
    chunks({ type: MESSAGE.video, payload: avcConfig(), streamId: 1, chunkStream: 6 }),
    chunks({
      type: MESSAGE.video,
      payload: avcFrame([IDR]),
      streamId: 1,
      chunkStream: 6,
      timestamp: 0x1000_0000,
    }),
  ]);
  const whole = await RtmpTestClient.open(bench.port);
  const first = waitFor(bench.target, 'unit', DEADLINE);
  whole.socket.write(wire);
  await first;
  const crumbs = await RtmpTestClient.open(bench.port);
  crumbs.socket.setNoDelay(true);
  const second = waitFor(bench.target, 'unit', DEADLINE);
  for (const byte of wire) {
    crumbs.socket.write(Buffer.of(byte));
    if (Math.random() < 0.05) await new Promise((resolve) => setImmediate(resolve));
  }
  await second;
  t.same(
    bench.target.units.map(({ unit }) => unit.dtsUs),
    [0x1000_0000 * 1000, 0x1000_0000 * 1000],
  );
  whole.socket.destroy();
  crumbs.socket.destroy();
});
