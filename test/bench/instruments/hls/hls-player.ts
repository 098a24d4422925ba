// The load player against a server with made-up playlists: what it asks for, how often, and what it counts.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { HlsPlayer } from '../../../../bench/instruments/hls/hls-player.ts';
import { PlayerBook } from '../../../../bench/instruments/hls/player-book.ts';

const MASTER = `#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=1000
low/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2000
high/index.m3u8
`;

/** A live stream with a segment a second, of which four are listed. */
function playlistAt(nowMs: number, startedAtMs: number): string {
  const newest = 10 + Math.floor((nowMs - startedAtMs) / 1000);
  const segments = [3, 2, 1, 0].map((back) => {
    const date = new Date(startedAtMs + (newest - back - 12) * 1000).toISOString();
    return `#EXT-X-PROGRAM-DATE-TIME:${date}\n#EXTINF:1.0,\n${newest - back}.m4s\n`;
  });
  const head = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:${newest - 3}\n`;
  return `${head}#EXT-X-MAP:URI="init.mp4"\n${segments.join('')}`;
}

async function startStream(t: Test) {
  const asked: { path: string; agent: string }[] = [];
  const startedAtMs = Date.now();
  const enough = Promise.withResolvers<void>();
  const server = createServer(({ url = '', headers }, response) => {
    asked.push({ path: url, agent: headers['user-agent'] ?? '' });
    if (asked.filter(({ path }) => path === '/live/x/high/index.m3u8').length > 4) enough.resolve();
    if (url === '/live/x/index.m3u8') response.end(MASTER);
    else if (url.endsWith('.m3u8')) response.end(playlistAt(Date.now(), startedAtMs));
    else if (url.endsWith('/11.m4s')) response.writeHead(404).end();
    else response.end('media');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { asked, enough: enough.promise, port: (server.address() as AddressInfo).port };
}

t.test('a player takes one variant, reloads its playlist and fetches every segment once', async (t) => {
  const { asked, enough, port } = await startStream(t);
  const book = new PlayerBook();
  const player = new HlsPlayer({
    ...{ host: '127.0.0.1', port, timeoutMs: 2_000, path: '/live/x/index.m3u8', book, index: 1 },
  });
  t.teardown(() => player.close());
  await enough;
  player.close();
  t.ok(player.isPlaying);
  const paths = asked.map(({ path }) => path);
  t.same(new Set(asked.map(({ agent }) => agent)), new Set(['barrage-bench/player-1']));
  t.equal(paths.filter((path) => path === '/live/x/index.m3u8').length, 1);
  t.notOk(paths.some((path) => path.includes('/low/')));
  const media = paths.filter((path) => path.endsWith('.m4s') || path.endsWith('.mp4'));
  t.equal(new Set(media).size, media.length, 'nothing twice');
  t.same(
    media.slice(0, 4),
    ['init.mp4', '8.m4s', '9.m4s', '10.m4s'].map((file) => `/live/x/high/${file}`),
  );
  const counts = book.take();
  t.match(counts, { errors: 1, timeouts: 0, missed: 0, reasons: ['segment: status 404'] });
  t.equal(counts.segments, media.length - 1);
  t.equal(counts.times.segment.count, counts.segments, 'what failed is not timed');
  t.ok(counts.times.freshness.count > 0 && counts.times.freshness.count < counts.segments);
  t.ok(counts.times.edge.percentile(50) > 900, 'the newest segment ended a second before');
  t.match(book.take(), { playlists: 0, segments: 0, reasons: [] }, 'taken once');
});
