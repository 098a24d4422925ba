// The HLS output as players see it: real encoded media through real HTTP into ffprobe and ffmpeg.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { feed, setUp, small, sound, text } from '../../support/hls-rig.ts';
import { serveHls } from '../../support/hls-server.ts';

const run = promisify(execFile);
interface Packet {
  pts_time: string;
  dts_time: string;
  duration_time: string;
  flags: string;
  codec_type: string;
}

async function probe(url: string): Promise<{ streams: Record<string, unknown>[]; packets: Packet[] }> {
  const args = ['-v', 'error', '-of', 'json', '-show_streams', '-show_packets', url];
  const { stdout } = await run('ffprobe', args, { maxBuffer: 1 << 26 });
  return JSON.parse(stdout);
}

t.test(
  'ffprobe reads every variant, continuous in time, with a key frame in front of each segment',
  async (t) => {
    const { output, ports } = setUp(t);
    feed(ports);
    output.end('stream over');
    const server = await serveHls((path) => output.resolve(path));
    t.teardown(() => server.close());
    for (const [id, width] of [
      ['180p', 320],
      ['360p', 640],
    ] as const) {
      const { streams, packets } = await probe(`${server.url}${id}/index.m3u8`);
      t.match(streams, [{ codec_name: 'h264', width, r_frame_rate: '30/1' }]);
      t.equal(packets.length, small.units.length, 'no frame lost');
      for (const [n, packet] of packets.entries()) {
        if (n > 0) t.ok(Math.abs(Number(packet.dts_time) - Number(packets[n - 1]!.dts_time) - 1 / 30) < 1e-4);
      }
      const starts = output.findRendition(id)!.window.listed.map((each) => each.startUs / 1e6);
      t.equal(starts.length, 5);
      for (const start of starts) {
        const first = packets.find((packet) => Math.abs(Number(packet.pts_time) - start) < 0.001);
        t.match(first?.flags, /^K/, `key frame at ${start}`);
      }
    }
    const { streams, packets } = await probe(`${server.url}aac/index.m3u8`);
    t.match(streams, [{ codec_name: 'aac', sample_rate: '44100', channels: 2 }]);
    t.equal(packets.length, sound.units.length);
    for (const [n, packet] of packets.entries()) {
      const step = n > 0 ? Number(packet.dts_time) - Number(packets[n - 1]!.dts_time) : 1024 / 44_100;
      t.ok(Math.abs(step - 1024 / 44_100) < 3e-6, 'sample-accurate');
    }
  },
);

t.test('ffmpeg decodes the whole stream through the multivariant playlist without a complaint', async (t) => {
  const { output, ports } = setUp(t);
  feed(ports);
  output.end('stream over');
  const server = await serveHls((path) => output.resolve(path));
  t.teardown(() => server.close());
  const args = ['-v', 'error', '-xerror', '-i', `${server.url}index.m3u8`, '-map', '0', '-f', 'null', '-'];
  const { stderr } = await run('ffmpeg', args);
  t.equal(stderr, '');
  t.strictSame(
    server.requests.filter((request) => request.status !== 200),
    [],
  );
});

t.test('renditions are cut at the same moments, and numbered alike when one starts later', async (t) => {
  const { output, ports } = setUp(t, { audio: false });
  feed({ '180p': ports['180p'] }, 0, 3.2);
  feed(ports, 3.2);
  const boundaries = (id: string): string[] =>
    output.findRendition(id)!.window.listed.map((each) => `${each.sequence} ${Math.round(each.startUs)}`);
  const [early, late] = [boundaries('180p'), boundaries('360p')];
  t.ok(late.length >= 2);
  t.strictSame(late.slice(1), early.slice(-late.length + 1));
});

t.test('the multivariant playlist tells the truth about what was measured', async (t) => {
  const { output, ports } = setUp(t);
  feed(ports);
  const lines = text(output.resolve('index.m3u8')).split('\n');
  const variants = lines.filter((line) => line.startsWith('#EXT-X-STREAM-INF'));
  t.equal(variants.length, 2);
  t.match(variants[0], `CODECS="${small.track.codecString},mp4a.40.2",RESOLUTION=320x180,FRAME-RATE=30.000`);
  for (const [index, id] of ['180p', '360p'].entries()) {
    const rates = [id, 'aac'].map((each) => {
      const whole = output.findRendition(each)!.window.listed.filter((segment) => segment.durationUs >= 1e6);
      return Math.max(
        ...whole.map((segment) =>
          segment.kind === 'media' ? (segment.byteLength * 8e6) / segment.durationUs : 0,
        ),
      );
    });
    const told = Number(/[:,]BANDWIDTH=(\d+)/.exec(variants[index]!)![1]);
    const average = Number(/AVERAGE-BANDWIDTH=(\d+)/.exec(variants[index]!)![1]);
    t.ok(told >= rates[0]! + rates[1]!, 'no segment is above the peak');
    t.ok(told <= (rates[0]! + rates[1]!) * 1.2, 'and the peak is not made up');
    t.ok(average <= told && average > 0);
  }
});

t.test('media is immutable under names that never come back, playlists are fresh', async (t) => {
  const { output, ports } = setUp(t);
  feed(ports);
  const playlist = output.resolve('180p/index.m3u8')!;
  t.match(playlist, {
    contentType: 'application/vnd.apple.mpegurl',
    compressible: true,
    cacheControl: /max-age=1\b/,
  });
  t.match(playlist.etag, /^W\/".+"$/);
  t.equal(output.resolve('180p/index.m3u8')!.etag, playlist.etag);
  const names = text(playlist).match(/^[^#\n]+$|(?<=URI=")[^"]+/gm)!;
  for (const name of names) {
    const resource = output.resolve(`180p/${name}`)!;
    t.match(resource, { contentType: 'video/mp4', compressible: false, cacheControl: /immutable/ }, name);
  }
  t.equal(
    output.resolve(`aac/${output.findRendition('aac')!.window.listed[0]!.name}`)?.contentType,
    'audio/mp4',
  );
  const again = setUp(t);
  feed(again.ports);
  const other = text(again.output.resolve('180p/index.m3u8')).match(/^[^#\n]+$|(?<=URI=")[^"]+/gm)!;
  t.strictSame(
    other.filter((name) => names.includes(name)),
    [],
    'another stream has other names',
  );
});

t.test('what is not there is not found', async (t) => {
  const { output, ports } = setUp(t);
  t.equal(output.resolve('index.m3u8'), undefined, 'nothing to play yet');
  t.equal(output.resolve('180p/index.m3u8'), undefined);
  feed(ports);
  for (const path of [
    '',
    '/',
    '180p',
    '180p/',
    'x/index.m3u8',
    '180p/../index.m3u8',
    '180p/x-1.m4s',
    '__proto__/x',
  ]) {
    t.equal(output.resolve(path), undefined, path);
  }
});

t.test('audio alone and video alone are streams too', async (t) => {
  for (const parts of [{ video: false }, { audio: false }]) {
    const { output, ports } = setUp(t, parts);
    feed(ports, 0, 5);
    output.end('over');
    const server = await serveHls((path) => output.resolve(path));
    t.teardown(() => server.close());
    const { stderr } = await run('ffmpeg', [
      '-v',
      'error',
      '-xerror',
      '-i',
      `${server.url}index.m3u8`,
      '-f',
      'null',
      '-',
    ]);
    t.equal(stderr, '');
  }
});
