// The session against everything that a peer may do wrong, over raw TCP. The hazards of node-media-server's
// own sessions are each a test here.
import { once } from 'node:events';
import t from 'tap';
import { waitFor } from '../../../../core/lifecycle.ts';
import { MESSAGE } from '../../../../media/ingest/rtmp/rtmp-message.ts';
import type { CloseCode } from '../../../../media/ingest/rtmp/rtmp-stats.ts';
import { KEY, type RtmpBench, sendMedia, serveRtmp } from '../../../support/rtmp-bench.ts';
import { amf0, chunks, handshake, RtmpTestClient } from '../../../support/rtmp-client.ts';

const DEADLINE = { timeoutMs: 5000 };

t.test('a wrong key gets BadName, its media goes nowhere, and the socket is closed', async (t) => {
  const bench = await serveRtmp(t);
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
  const bench = await serveRtmp(t);
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
  const bench = await serveRtmp(t);
  const client = await RtmpTestClient.connected(bench.port);
  client.command('publish', 3, null, '', 'live');
  t.match(await client.status('NetStream.Publish.BadName'), /key missing/);
  await client.closed;
  t.same(bench.admitted, []);
});

t.test('play is refused, and a player cannot inject media', async (t) => {
  const bench = await serveRtmp(t);
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
    const bench = await serveRtmp(t);
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

t.test('a silent connection is closed: before, during and after the handshake', async (t) => {
  const bench = await serveRtmp(t, { handshakeTimeoutMs: 50, publishTimeoutMs: 100 });
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
  const bench = await serveRtmp(t, { stallTimeoutMs: 100 });
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  const ended = waitFor(bench.target, 'end', DEADLINE);
  t.equal((await ended)[1], false);
  await client.closed;
  await bench.closedOnce('stalled');
});

t.test('announced lengths reserve nothing', async (t) => {
  const bench = await serveRtmp(t, { maxChunkStreams: 64 });
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
  const start = (bench: RtmpBench): Promise<RtmpTestClient> => RtmpTestClient.publishing(bench.port, KEY);
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
    const bench = await serveRtmp(t);
    const client = await start(bench);
    act(client);
    t.equal(typeof (await client.status('NetStream.Publish.Rejected')), 'string', what);
    await client.closed;
    await bench.closedOnce(code);
    t.match(bench.target.ends, [{ clean: false }]);
  }
});

t.test('unfinished messages on several chunk streams share one bound', async (t) => {
  const bench = await serveRtmp(t, { maxBufferedBytes: 1_000_000 });
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
  const bench = await serveRtmp(t, { maxBytesBeforePublish: 20_000 });
  const client = await RtmpTestClient.connected(bench.port);
  for (let sent = 0; sent < 30; sent++) client.send({ type: 99, payload: Buffer.alloc(1000) });
  await client.closed;
  await bench.closedOnce('limit');
});

t.test('a client that asks and does not read is cut off', async (t) => {
  const bench = await serveRtmp(t, { maxWriteBytes: 50_000, stallTimeoutMs: 60_000 });
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
  const bench = await serveRtmp(t);
  const client = await RtmpTestClient.open(bench.port);
  client.socket.write('GET / HTTP/1.1\r\n\r\n');
  await client.closed;
  await bench.closedOnce('malformed');
});

t.test('an error in the target closes that connection only', async (t) => {
  const bench = await serveRtmp(t);
  bench.target.failWrite = new Error('no more room');
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  sendMedia(client);
  t.equal(await client.status('NetStream.Publish.Rejected'), 'internal error');
  await client.closed;
  await bench.closedOnce('internal');
  t.equal(bench.target.ends.length, 1);
});

t.test('media garbage closes that connection', async (t) => {
  const bench = await serveRtmp(t);
  const client = await RtmpTestClient.publishing(bench.port, KEY);
  const payload = Buffer.from([0x17, 0, 0, 0, 0, 1, 2, 3]);
  client.send({ type: MESSAGE.video, payload, streamId: 1, chunkStream: 6 });
  t.match(await client.status('NetStream.Publish.Rejected'), /avcC/);
  await client.closed;
  await bench.closedOnce('malformed');
});
