// Connections on the short way to HLS files, and how they become ordinary ones.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { ResponseParser } from '../../../bench/instruments/http/response-parser.ts';
import { HlsAnswer } from '../../../server/http/hls-answer.ts';
import { type FileRequest, HlsLane } from '../../../server/http/hls-lane.ts';
import { SendDeadlines } from '../../../server/http/send-deadlines.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const PLAYLIST = `#EXTM3U\n${'#EXT-X-VERSION:6\n'.repeat(50)}`;
const LARGE = Buffer.alloc(300_000, 'm');

async function startLive(t: Test, sendTimeoutMs = 60_000): Promise<TestApp> {
  const test = await startTestApp(t, { http: { sendTimeoutMs } });
  const room = test.media.getRoom('demo');
  room.setInfo({ state: 'live', sinceMs: 1, layers: [] });
  const cacheControl = 'public, max-age=1';
  const playlist = { contentType: 'application/vnd.apple.mpegurl', cacheControl, etag: 'W/"v1"' };
  room.files.set('index.m3u8', { ...playlist, body: Buffer.from(PLAYLIST), compressible: true });
  const segment = { contentType: 'video/mp4', cacheControl, compressible: false };
  room.files.set('720p/1.m4s', { ...segment, body: LARGE });
  // HLS rooms are opened by the first who comes the long way.
  await (await fetch(`${test.origin}/live/demo/index.m3u8`)).arrayBuffer();
  return test;
}

function open(t: Test, test: TestApp): Socket {
  const socket = connect(Number(new URL(test.origin).port), '127.0.0.1');
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  return socket;
}

function get(path: string, fields = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`;
}

/** Reads so many answers, as `status:bytes`. */
async function readAnswers(socket: Socket, count: number): Promise<string[]> {
  const answers: string[] = [];
  const all = Promise.withResolvers<void>();
  const parser = new ResponseParser(({ status, bytes }) => {
    answers.push(`${status}:${bytes}`);
    if (answers.length < count) parser.expect({ keepBody: false });
    else all.resolve();
  });
  parser.expect({ keepBody: false });
  const read = (chunk: Buffer) => parser.push(chunk);
  socket.on('data', read);
  await all.promise;
  socket.off('data', read);
  return answers;
}

const KINDS = {
  playlist: [get('/live/demo/index.m3u8'), `200:${PLAYLIST.length}`],
  segment: [get('/live/demo/720p/1.m4s'), `200:${LARGE.length}`],
  known: [get('/live/demo/index.m3u8', 'If-None-Match: "v1"\r\n'), '304:0'],
  withQuery: [get('/live/demo/index.m3u8?a=1'), `200:${PLAYLIST.length}`],
  health: [get('/healthz'), `200:${'{"status":"ok"}'.length}`],
  withBody: [
    get('/healthz', 'Content-Length: 60\r\n') + get('/').padEnd(60),
    `200:${'{"status":"ok"}'.length}`,
  ],
} as const;
type Kind = keyof typeof KINDS;

t.test('requests in a row are answered in order, however they are cut and whatever they are', async (t) => {
  const test = await startLive(t);
  const kinds = fc.array(fc.constantFrom(...(Object.keys(KINDS) as Kind[])), { minLength: 1, maxLength: 6 });
  const property = fc.asyncProperty(kinds, fc.array(fc.nat(), { maxLength: 3 }), async (wanted, cuts) => {
    const socket = open(t, test);
    const text = wanted.map((kind) => KINDS[kind][0]).join('');
    const places = [0, ...cuts.map((cut) => cut % text.length), text.length].sort((a, b) => a - b);
    const answers = readAnswers(socket, wanted.length);
    for (const [index, from] of places.slice(0, -1).entries()) {
      socket.write(text.slice(from, places[index + 1]));
      // So that each piece arrives alone.
      await new Promise((resolve) => setImmediate(resolve));
    }
    t.same(
      await answers,
      wanted.map((kind) => KINDS[kind][1]),
      wanted.join(' '),
    );
    socket.destroy();
  });
  await fc.assert(property, { numRuns: 40 });
});

t.test('the short way and the ordinary one answer alike', async (t) => {
  const test = await startLive(t);
  const read = async (text: string) => {
    const socket = open(t, test);
    socket.write(text);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    const [head = ''] = chunk.toString('latin1').split('\r\n\r\n', 1);
    return head.split('\r\n').filter((line) => !line.startsWith('Date:'));
  };
  for (const path of ['/live/demo/index.m3u8', '/live/demo/720p/1.m4s']) {
    for (const fields of ['', 'If-None-Match: W/"v1"\r\n', 'Accept-Encoding: gzip\r\n']) {
      const short = await read(get(path, fields));
      // TE, of no meaning here, is not plain: the ordinary way.
      t.same(short, await read(get(path, `${fields}TE: trailers\r\n`)), `${path} ${fields}`);
      t.same(short, await read(get(path, fields).replace('GET', 'HEAD')), 'HEAD');
    }
  }
});

t.test('a reader that stops is not read from either', async (t) => {
  const test = await startLive(t);
  const socket = open(t, test);
  socket.pause();
  const requests = 200;
  socket.write(get('/live/demo/720p/1.m4s').repeat(requests));
  const other = open(t, test);
  other.write(get('/live/demo/index.m3u8'));
  t.same(await readAnswers(other, 1), [KINDS.playlist[1]]);
  const metrics = await (await fetch(`${test.origin}/metrics`)).text();
  const served = Number(/^barrage_bytes_sent_total\{kind="hls"\} (\d+)/m.exec(metrics)?.[1]);
  t.ok(served < (LARGE.length * requests) / 2, `${served} bytes given to sockets`);
  socket.resume();
  t.equal((await readAnswers(socket, requests)).length, requests, 'and gets everything when it goes on');
});

t.test('a reader that takes its answer too slowly is cut off', async (t) => {
  const test = await startLive(t, 1000);
  const files = test.media.getRoom('demo').files;
  const body = Buffer.alloc(32_000_000);
  files.set('720p/2.m4s', { contentType: 'video/mp4', cacheControl: 'max-age=1', compressible: false, body });
  const socket = open(t, test);
  // Those before it are taken in time, if only just.
  socket.write(get('/live/demo/720p/1.m4s').repeat(20) + get('/live/demo/720p/2.m4s'));
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
    socket.pause();
    setTimeout(() => socket.resume(), 20);
  });
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
  t.equal(error.code, 'ECONNRESET', 'the kernel holds nothing for it either');
  t.ok(received > 0 && received < LARGE.length * 20 + body.length, `${received} bytes received`);
});

t.test('a server that closes does not wait for players between two requests', async (t) => {
  const test = await startLive(t);
  const socket = open(t, test);
  socket.write(get('/live/demo/index.m3u8'));
  await readAnswers(socket, 1);
  const closed = once(socket, 'close');
  socket.resume();
  await test.app.close('test');
  await closed;
});

t.test(
  'a connection is handed over with its first request that is not for here, and not before',
  async (t) => {
    const body = Buffer.from(PLAYLIST);
    const resource = { contentType: 'x/y', cacheControl: 'max-age=1', body, compressible: false };
    const answer = new HlsAnswer(resource, { isPrivate: false, headers: {} });
    const deadlines = new SendDeadlines(1000);
    const choose = ({ url }: FileRequest) => (url === '/file' ? answer.choose({}) : undefined);
    const lane = new HlsLane({ choose, deadlines, idleTimeoutMs: 5000 });
    const given: string[] = [];
    const server = createServer((socket) => {
      lane.take(socket, () =>
        socket.on('data', (chunk: Buffer) => given.push(String(chunk)) && socket.end()),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(get('/file'));
    t.same(await readAnswers(socket, 1), [`200:${body.length}`]);
    t.same(given, []);
    const rest = get('/other') + get('/file');
    socket.write(get('/file') + rest);
    t.same(await readAnswers(socket, 1), [`200:${body.length}`]);
    await once(socket.resume(), 'close');
    t.same(given, [rest]);
    lane.close('test over');
    deadlines.close('test over');
    server.close();
  },
);

t.test('a private room is not served the short way', async (t) => {
  const test = await startLive(t);
  await test.api('PATCH', '/rooms/demo', { settings: { private: true } });
  const socket = open(t, test);
  socket.write(get('/live/demo/index.m3u8'));
  t.match(await readAnswers(socket, 1), [/^401:/]);
});
