// The session against everything that a peer may do wrong, over raw TCP. The hazards of node-media-server's
// own sessions are each a test here.
import { once } from 'node:events';
import t from 'tap';
import { BarrageError } from '../../../../core/errors.ts';
import { waitFor } from '../../../../core/lifecycle.ts';
import type { AdmitPublisher } from '../../../../media/ingest/ingest-port.ts';
import type { RtmpLimits } from '../../../../media/ingest/rtmp/rtmp-limits.ts';
import { MESSAGE } from '../../../../media/ingest/rtmp/rtmp-message.ts';
import { createRtmpServer, type RtmpServer } from '../../../../media/ingest/rtmp/rtmp-server.ts';
import type { CloseCode } from '../../../../media/ingest/rtmp/rtmp-stats.ts';
import {
  aacConfig,
  aacFrame,
  avcConfig,
  avcFrame,
  exVideo,
  HEVC,
  IDR,
} from '../../../support/flv-payloads.ts';
import { RecordingTarget } from '../../../support/recording-target.ts';
import { amf0, chunks, handshake, RtmpTestClient } from '../../../support/rtmp-client.ts';

const DEADLINE = { timeoutMs: 5000 };
const KEY = 'right';

interface Bench {
  readonly server: RtmpServer;
  readonly port: number;
  readonly target: RecordingTarget;
  readonly admitted: { readonly app: string; readonly streamKey: string }[];
  closedOnce(code: CloseCode): Promise<void>;
}

type Teardown = { teardown(undo: () => unknown): void };

async function serve(t: Teardown, limits: Partial<RtmpLimits> = {}, admit?: AdmitPublisher): Promise<Bench> {
  const target = new RecordingTarget();
  const admitted: { app: string; streamKey: string }[] = [];
  const byKey: AdmitPublisher = async ({ app, streamKey }) => {
    admitted.push({ app, streamKey });
    if (streamKey !== KEY) throw new BarrageError('UNAUTHORIZED', 'the stream key is not known');
    return target;
  };
  const options = { host: '127.0.0.1', port: 0, limits: { flushTimeoutMs: 200, ...limits } };
  const server = await createRtmpServer({ ...options, admit: admit ?? byKey });
  t.teardown(() => server.close('test over'));
  const closedOnce = async (code: CloseCode): Promise<void> => {
    const { closed } = server.describe();
    if (closed[code] !== 1) throw new Error(`expected one ${code}, got ${JSON.stringify(closed)}`);
  };
  return { server, port: server.address.port, target, admitted, closedOnce };
}

function sendMedia(client: RtmpTestClient): void {
  client.send({ type: MESSAGE.video, payload: avcConfig(), streamId: 1, chunkStream: 6 });
  client.send({ type: MESSAGE.video, payload: avcFrame([IDR], 0, 'key'), streamId: 1, chunkStream: 6 });
  client.send({ type: MESSAGE.audio, payload: aacConfig(), streamId: 1, chunkStream: 4 });
  client.send({ type: MESSAGE.audio, payload: aacFrame(), streamId: 1, chunkStream: 4 });
}

t.test('a wrong key gets BadName, its media goes nowhere, and the socket is closed', async (t) => {
  const bench = await serve(t);
  const client = await RtmpTestClient.connected(bench.port);
  client.command('publish', 3, null, 'wrong', 'live');
  sendMedia(client); // without waiting for the answer
  t.equal(await client.status('NetStream.Publish.BadName'), 'the stream key is not known');
  sendMedia(client);
  await client.closed;
  t.same(bench.admitted, [{ app: 'live', streamKey: 'wrong' }]);
  t.same(bench.target.units, []);
  t.notOk(client.statuses.includes('NetStream.Publish.Start'));
  await bench.closedOnce('bad_key');
  await bench.server.drain(); // resolves when the last socket is gone
  t.equal(bench.server.describe().open, 0);
});

t.test('a refused client that keeps its side open is destroyed after the flush deadline', async (t) => {
  const bench = await serve(t);
  const client = await RtmpTestClient.connected(bench.port);
  client.socket.allowHalfOpen = true;
  const reset = once(client.socket, 'error');
  client.command('publish', 3, null, 'wrong', 'live');
  await client.status('NetStream.Publish.BadName');
  const flood = setInterval(() => client.socket.write(Buffer.alloc(1000)), 20);
  t.teardown(() => clearInterval(flood));
  const [error] = await reset; // half-closed, this would go on for ever
  t.match(error, { code: /ECONNRESET|EPIPE/ });
});

t.test('a missing key gets BadName without asking anybody', async (t) => {
  const bench = await serve(t);
  const client = await RtmpTestClient.connected(bench.port);
  client.command('publish', 3, null, '', 'live');
  t.match(await client.status('NetStream.Publish.BadName'), /key missing/);
  await client.closed;
  t.same(bench.admitted, []);
});

t.test('a second publisher of a key is told so', async (t) => {
  const bench = await serve(t, {}, async () => {
    throw new BarrageError('PUBLISHER_EXISTS', 'somebody is publishing with this key already');
  });
  const client = await RtmpTestClient.connected(bench.port);
  client.command('publish', 3, null, KEY, 'live');
  t.match(await client.status('NetStream.Publish.BadName'), /publishing with this key already/);
  await client.closed;
  await bench.closedOnce('publisher_exists');
});

t.test('an admission that fails inside is not explained to the client', async (t) => {
  const bench = await serve(t, {}, async () => {
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
  const bench = await serve(t, { maxBytesBeforePublish: 100_000 }, async () => {
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
  const bench = await serve(t, { admitTimeoutMs: 100 }, async () => {
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

t.test('play is refused, and a player cannot inject media', async (t) => {
  const bench = await serve(t);
  const publisher = await RtmpTestClient.publishing(bench.port, KEY);
  const player = await RtmpTestClient.connected(bench.port);
  sendMedia(player); // media without publish
  player.command('play', 3, null, KEY);
  t.match(await player.status('NetStream.Play.Failed'), /WHEP or HLS/);
  sendMedia(player);
  await player.closed;
  t.same(bench.target.units, []);
  publisher.socket.destroy();
});

t.test(
  'a connect with a bad tcUrl, a missing field or a wrong type closes that connection only',
  async (t) => {
    const bench = await serve(t);
    const publisher = await RtmpTestClient.publishing(bench.port, KEY);
    const bad = [
      amf0('connect', 1, { app: 'live', tcUrl: 'not a url' }),
      amf0('connect', 1, { app: 'live', tcUrl: 7 }),
      amf0('connect', 1, { tcUrl: 'rtmp://127.0.0.1/live' }),
      amf0('connect', 1, { app: ['live'] }),
      amf0('connect', 1),
      amf0('publish', 1, null, KEY),
      amf0(5, 6, 7),
      Buffer.from([0x03, 0xff, 0xff, 0xff]),
      Buffer.from('ff00ff00', 'hex'),
      Buffer.alloc(0),
      Buffer.concat(Array.from({ length: 5000 }, () => Buffer.from([0x0a, 0, 0, 0, 1]))),
    ];
    for (const payload of bad) {
      const client = await RtmpTestClient.shake(bench.port);
      client.send({ type: MESSAGE.commandAmf0, payload });
      const [, , , info] = await client.answer('_error');
      t.match(info, { code: 'NetConnection.Connect.Rejected' });
      await client.closed;
    }
    t.equal(bench.server.describe().closed.malformed, bad.length);
    sendMedia(publisher);
    await waitFor(bench.target, 'unit', DEADLINE);
    publisher.socket.destroy();
  },
);

t.test('an application that is not served is rejected with its reason', async (t) => {
  const bench = await serve(t);
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
    const bench = await serve(t);
    const client = await RtmpTestClient.publishing(bench.port, name, app);
    t.same(bench.admitted, [{ app: 'live', streamKey: KEY }], `${app} + ${name}`);
    client.socket.destroy();
  }
});

t.test('a silent connection is closed: before, during and after the handshake', async (t) => {
  const bench = await serve(t, { handshakeTimeoutMs: 50, publishTimeoutMs: 100 });
  const silent = await RtmpTestClient.open(bench.port);
  await silent.closed;
  const slow = await RtmpTestClient.open(bench.port);
  slow.socket.write(handshake().subarray(0, 1600));
  await slow.closed;
  t.equal(bench.server.describe().closed.handshake_timeout, 2);
  const idle = await RtmpTestClient.shake(bench.port);
  await idle.closed;
  const shy = await RtmpTestClient.connected(bench.port);
  await shy.closed;
  t.equal(bench.server.describe().closed.publish_timeout, 2);
});

t.test('a publisher that goes silent is ended', async (t) => {
  const bench = await serve(t, { stallTimeoutMs: 100 });
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  const ended = waitFor(bench.target, 'end', DEADLINE);
  t.equal((await ended)[1], false);
  await client.closed;
  await bench.closedOnce('stalled');
});

t.test('announced lengths reserve nothing', async (t) => {
  const bench = await serve(t, { maxChunkStreams: 64 });
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  // 30 messages of 8 MB on 30 chunk streams, one byte of payload each.
  for (let id = 10; id < 40; id++) {
    const head = Buffer.from([id, 0, 0, 0, 0x80, 0, 0, MESSAGE.video, 1, 0, 0, 0]);
    client.socket.write(Buffer.concat([head, Buffer.alloc(128)]));
  }
  client.command('_checkbw', 9, null);
  await client.answer('_result');
  t.ok(bench.server.bufferedBytes <= 30 * 4096, `${bench.server.bufferedBytes} bytes held`);
  client.socket.destroy();
});

t.test('messages, chunk streams, chunk sizes and unfinished bytes have bounds', async (t) => {
  const start = (bench: Bench): Promise<RtmpTestClient> => RtmpTestClient.publishing(bench.port, KEY);
  const tooLong = Buffer.from([6, 0, 0, 0, 0x80, 0, 1, MESSAGE.video, 1, 0, 0, 0]);
  const cases: [string, CloseCode, (client: RtmpTestClient) => void][] = [
    ['a message over 8 MiB', 'limit', (client) => client.socket.write(tooLong)],
    [
      'a command over 64 KiB',
      'limit',
      (client) => client.send({ type: MESSAGE.commandAmf0, payload: Buffer.alloc(65_537) }),
    ],
    [
      'the 33rd chunk stream',
      'limit',
      (client) => {
        for (let id = 4; id < 40; id++) client.send({ type: 99, payload: Buffer.alloc(1), chunkStream: id });
      },
    ],
    ['a chunk size of 0', 'malformed', (client) => client.setChunkSize(0)],
    ['a chunk size of 1', 'malformed', (client) => client.setChunkSize(1)],
    ['a chunk size with the top bit', 'malformed', (client) => client.setChunkSize(0xffff_ffff)],
    [
      'a message inside another',
      'malformed',
      (client) => {
        const open = Buffer.from([6, 0, 0, 0, 0, 2, 0, MESSAGE.video, 1, 0, 0, 0]);
        client.socket.write(Buffer.concat([open, Buffer.alloc(128), open]));
      },
    ],
  ];
  for (const [what, code, act] of cases) {
    const bench = await serve(t);
    const client = await start(bench);
    act(client);
    t.equal(typeof (await client.status('NetStream.Publish.Rejected')), 'string', what);
    await client.closed;
    await bench.closedOnce(code);
    t.match(bench.target.ends, [{ clean: false }]);
  }
});

t.test('unfinished messages on several chunk streams share one bound', async (t) => {
  const bench = await serve(t, { maxBufferedBytes: 1_000_000 });
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  client.setChunkSize(900_000);
  for (let id = 10; id < 13; id++) {
    const head = Buffer.from([id, 0, 0, 0, 0x0f, 0, 0, MESSAGE.video, 1, 0, 0, 0]); // 983,040 bytes
    client.socket.write(Buffer.concat([head, Buffer.alloc(900_000)]));
  }
  t.match(await client.status('NetStream.Publish.Rejected'), /unfinished/);
  await client.closed;
  await bench.closedOnce('limit');
});

t.test('bytes before publish have a bound', async (t) => {
  const bench = await serve(t, { maxBytesBeforePublish: 20_000 });
  const client = await RtmpTestClient.connected(bench.port);
  for (let sent = 0; sent < 30; sent++) client.send({ type: 99, payload: Buffer.alloc(1000) });
  await client.closed;
  await bench.closedOnce('limit');
});

t.test('a client that asks and does not read is cut off', async (t) => {
  const bench = await serve(t, { maxWriteBytes: 50_000, stallTimeoutMs: 60_000 });
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  client.socket.pause();
  const gone = waitFor(bench.target, 'end', { timeoutMs: 30_000 });
  const pings = Buffer.concat(
    Array.from({ length: 2000 }, () =>
      chunks({ type: MESSAGE.userControl, payload: Buffer.from([0, 6, 0, 0, 0, 1]), chunkStream: 2 }),
    ),
  );
  client.socket.on('error', () => undefined);
  const pump = (): void => {
    if (!client.socket.destroyed) client.socket.write(pings, () => setImmediate(pump));
  };
  pump();
  await gone;
  await bench.closedOnce('slow_reader');
  client.socket.destroy();
});

t.test('what is not RTMP is closed at the first byte', async (t) => {
  const bench = await serve(t);
  const client = await RtmpTestClient.open(bench.port);
  client.socket.write('GET / HTTP/1.1\r\n\r\n');
  await client.closed;
  await bench.closedOnce('malformed');
});

t.test('an error in the target closes that connection only', async (t) => {
  const bench = await serve(t);
  bench.target.failWrite = new Error('no more room');
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  sendMedia(client);
  t.equal(await client.status('NetStream.Publish.Rejected'), 'internal error');
  await client.closed;
  await bench.closedOnce('internal');
  t.equal(bench.target.ends.length, 1);
});

t.test('a codec that the target refuses is refused with its reason', async (t) => {
  const bench = await serve(t);
  bench.target.refuseTrack = new BarrageError('UNSUPPORTED_MEDIA', 'this ffmpeg cannot decode HEVC in FLV');
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  client.send({ type: MESSAGE.video, payload: exVideo(0, 'hvc1', HEVC), streamId: 1, chunkStream: 6 });
  t.equal(await client.status('NetStream.Publish.Rejected'), 'this ffmpeg cannot decode HEVC in FLV');
  await client.closed;
  await bench.closedOnce('unsupported_media');
});

t.test('media garbage closes that connection', async (t) => {
  const bench = await serve(t);
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  const payload = Buffer.from([0x17, 0, 0, 0, 0, 1, 2, 3]);
  client.send({ type: MESSAGE.video, payload, streamId: 1, chunkStream: 6 });
  t.match(await client.status('NetStream.Publish.Rejected'), /avcC/);
  await client.closed;
  await bench.closedOnce('malformed');
});

t.test('metadata garbage is passed over', async (t) => {
  const bench = await serve(t);
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
  const bench = await serve(t);
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
  const bench = await serve(t, {}, async (_, session) => {
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
    const bench = await serve(t);
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
  const bench = await serve(t);
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
  const bench = await serve(t);
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
  const bench = await serve(t);
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
