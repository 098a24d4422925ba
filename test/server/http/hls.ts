// HLS files over real HTTP: caching, compression, CORS, private rooms.
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const PLAYLIST = `#EXTM3U\n${'#EXT-X-VERSION:9\n'.repeat(100)}`;

/** A request as it is, without what fetch does to compressed bodies. */
function get(test: TestApp, path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      const outgoing = request(test.origin + path, { headers, method }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end();
    },
  );
}

async function startLive(
  t: Parameters<typeof startTestApp>[0],
  config: Parameters<typeof startTestApp>[1] = {},
): Promise<TestApp> {
  const test = await startTestApp(t, config);
  const room = test.media.getRoom('demo');
  room.setInfo({ state: 'live', sinceMs: 1, layers: [] });
  room.files.set('index.m3u8', {
    contentType: 'application/vnd.apple.mpegurl',
    cacheControl: 'public, max-age=1',
    body: Buffer.from(PLAYLIST),
    compressible: true,
    etag: '"v1"',
  });
  room.files.set('720p/1.m4s', {
    contentType: 'video/mp4',
    cacheControl: 'public, max-age=3600',
    body: Buffer.from('firstsecond'),
    compressible: false,
  });
  return test;
}

function openSocket(t: Parameters<typeof startTestApp>[0], test: TestApp): Socket {
  const socket = connect(Number(new URL(test.origin).port), '127.0.0.1');
  // Being cut off may show as a reset.
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  return socket;
}

function requestFor(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

t.test('a playlist comes with its type, caching and CORS', async (t) => {
  const test = await startLive(t);
  const { status, headers, body } = await get(test, '/live/demo/index.m3u8');
  t.equal(status, 200);
  t.match(headers, {
    'content-type': 'application/vnd.apple.mpegurl',
    'cache-control': 'public, max-age=1',
    'access-control-allow-origin': '*',
    'content-length': String(PLAYLIST.length),
    vary: 'Accept-Encoding',
    etag: '"v1"',
  });
  t.equal(body.toString(), PLAYLIST);
});

t.test('a playlist is compressed for who takes it', async (t) => {
  const test = await startLive(t);
  const { headers, body } = await get(test, '/live/demo/index.m3u8', { 'accept-encoding': 'br, gzip' });
  t.match(headers, { 'content-encoding': 'gzip', etag: 'W/"v1"', 'content-length': String(body.length) });
  t.equal(gunzipSync(body).toString(), PLAYLIST);
  t.notOk(
    (await get(test, '/live/demo/index.m3u8', { 'accept-encoding': 'gzip;q=0, br' })).headers[
      'content-encoding'
    ],
  );
});

t.test('who has the newest version is told so', async (t) => {
  const test = await startLive(t);
  for (const tag of ['"v1"', 'W/"v1"', '"v0", "v1"', '*']) {
    const { status, body } = await get(test, '/live/demo/index.m3u8', { 'if-none-match': tag });
    t.equal(status, 304);
    t.equal(body.length, 0);
  }
  t.equal((await get(test, '/live/demo/index.m3u8', { 'if-none-match': '"v0"' })).status, 200);
});

t.test('a segment comes with its type and length', async (t) => {
  const test = await startLive(t);
  const { headers, body } = await get(test, '/live/demo/720p/1.m4s');
  t.equal(body.toString(), 'firstsecond');
  t.match(headers, {
    'content-length': '11',
    'content-type': 'video/mp4',
    'cache-control': 'public, max-age=3600',
  });
});

t.test('the short way and the routes answer alike', async (t) => {
  const test = await startLive(t);
  for (const path of ['/live/demo/index.m3u8', '/live/demo/720p/1.m4s']) {
    // A query is left to the routes.
    const [short, long] = await Promise.all([get(test, path), get(test, `${path}?from=elsewhere`)]);
    const { date: _, ...headers } = short.headers;
    t.match(long.headers, headers, path);
    t.same(Object.keys(long.headers).sort(), Object.keys(short.headers).sort());
    t.ok(long.body.equals(short.body));
    t.match(headers, { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'cross-origin' });
  }
});

t.test('a new version is served from the moment it is there', async (t) => {
  const test = await startLive(t);
  const files = test.media.getRoom('demo').files;
  await get(test, '/live/demo/index.m3u8', { 'accept-encoding': 'gzip' });
  files.set('index.m3u8', {
    ...files.get('index.m3u8')!,
    ...{ body: Buffer.from(PLAYLIST.replaceAll('9', '10')), etag: '"v2"' },
  });
  const { headers, body } = await get(test, '/live/demo/index.m3u8', { 'accept-encoding': 'gzip' });
  t.equal(headers['etag'], 'W/"v2"');
  t.match(gunzipSync(body).toString(), 'VERSION:10');
});

t.test('all who want it compressed at once get it', async (t) => {
  const test = await startLive(t);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => get(test, '/live/demo/index.m3u8', { 'accept-encoding': 'gzip' })),
  );
  for (const { body } of answers) t.equal(gunzipSync(body).toString(), PLAYLIST);
});

t.test('a client that takes a file too slowly is cut off, others are not', async (t) => {
  const test = await startLive(t, { http: { sendTimeoutMs: 1000 } });
  const large = { ...test.media.getRoom('demo').files.get('720p/1.m4s')!, body: Buffer.alloc(32_000_000) };
  test.media.getRoom('demo').files.set('720p/2.m4s', large);
  const slow = openSocket(t, test);
  let received = 0;
  slow.on('data', (chunk) => {
    received += chunk.length;
    slow.pause();
    setTimeout(() => slow.resume(), 20);
  });
  slow.write(requestFor('/live/demo/720p/2.m4s'));
  const kept = openSocket(t, test);
  kept.write(requestFor('/live/demo/720p/1.m4s'));
  await once(kept, 'data');
  await new Promise((resolve) => slow.once('close', resolve));
  t.ok(received > 0 && received < large.body.length, `${received} bytes received`);
  kept.write(requestFor('/live/demo/720p/1.m4s'));
  t.match(String((await once(kept, 'data'))[0]), /firstsecond$/, 'who takes what it asks for goes on');
});

t.test('HEAD answers with the headers alone', async (t) => {
  const test = await startLive(t);
  for (const path of ['/live/demo/index.m3u8', '/live/demo/720p/1.m4s']) {
    const { status, headers, body } = await get(test, path, {}, 'HEAD');
    t.equal(status, 200);
    t.ok(Number(headers['content-length']) > 0);
    t.equal(body.length, 0);
  }
});

t.test('what is not there is told apart, and not cached for long', async (t) => {
  const test = await startLive(t);
  await test.api('POST', '/rooms', { id: 'idle' });
  const table: [path: string, code: string][] = [
    ['/live/nowhere/index.m3u8', 'ROOM_NOT_FOUND'],
    ['/live/idle/index.m3u8', 'STREAM_NOT_LIVE'],
    ['/live/demo/720p/999.m4s', 'NOT_FOUND'],
    ['/live/demo/..%2f..%2fetc%2fpasswd', 'NOT_FOUND'],
  ];
  for (const [path, code] of table) {
    const { status, headers, body } = await get(test, path);
    t.equal(status, 404, path);
    t.equal(headers['cache-control'], 'max-age=1', path);
    t.equal(headers['access-control-allow-origin'], '*');
    t.match(JSON.parse(body.toString()), { code }, path);
  }
});

t.test('who fetches playlists counts as a viewer', async (t) => {
  const test = await startLive(t);
  const read = async () =>
    (await (await fetch(`${test.origin}/metrics`)).text()).match(/transport="hls"\} (\d+)/)?.[1];
  await get(test, '/live/demo/720p/1.m4s', { 'user-agent': 'a' });
  t.equal(await read(), '0');
  for (const agent of ['a', 'a', 'b']) await get(test, '/live/demo/index.m3u8', { 'user-agent': agent });
  t.equal(await read(), '2');
});

t.test('a private room wants a token, which a cookie carries on', async (t) => {
  const test = await startLive(t);
  await test.api('PATCH', '/rooms/demo', { settings: { private: true } });
  t.equal((await get(test, '/live/demo/index.m3u8')).status, 401);
  const { token } = (await (await test.api('POST', '/tokens', { room: 'demo', user: 'u' })).json()) as {
    token: string;
  };
  const first = await get(test, `/live/demo/index.m3u8?token=${token}`);
  t.equal(first.status, 200);
  t.equal(first.headers['cache-control'], 'private, max-age=1');
  const [cookie] = first.headers['set-cookie'] as string[];
  t.match(cookie, /; Path=\/live\/demo\/; HttpOnly; SameSite=Lax$/);
  t.equal((await get(test, '/live/demo/720p/1.m4s', { cookie: cookie!.split(';', 1)[0]! })).status, 200);
  t.equal((await get(test, '/live/demo/720p/1.m4s', { authorization: `Bearer ${token}` })).status, 200);
});
