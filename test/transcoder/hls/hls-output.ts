// The HLS output as players see it: real encoded media through real HTTP into ffprobe and ffmpeg.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import type { AccessUnit, AudioTrack, VideoTrack } from '../../../core/access-unit.ts';
import { silentLogger } from '../../../core/logger.ts';
import { createHlsOutput } from '../../../transcoder/hls/hls-output.ts';
import { FakeRendition } from '../../support/fake-rendition.ts';
import { serveHls } from '../../support/hls-server.ts';
import { encodeUnits } from '../../support/lavfi-units.ts';

const run = promisify(execFile);
const HLS = { segmentMs: 2000, partMs: 200, windowSegments: 30, graceMs: 60_000 };
const START_US = 1_790_000_000_370_000;
const SECONDS = 9;

async function encodeVideo(size: string, kbps: number, seconds = SECONDS) {
  const { track, units } = await encodeUnits<VideoTrack>({
    source: `testsrc2=size=${size}:rate=30`,
    encoder: [
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-bf', '0', '-g', '30'],
      ...['-b:v', `${kbps}k`],
    ],
    seconds,
    startUs: START_US,
  });
  return { track: { ...track, bitrateKbps: kbps }, units };
}

/** AAC of 44.1 kHz with times as RTMP gives them: whole milliseconds. */
async function encodeAudio(seconds = SECONDS) {
  const { track, units } = await encodeUnits<AudioTrack>({
    source: 'sine=frequency=440:sample_rate=44100',
    encoder: ['-c:a', 'aac', '-ac', '2', '-b:a', '96k'],
    seconds,
    startUs: START_US,
  });
  const rounded = units.map((unit) => {
    const ptsUs = Math.round(unit.ptsUs / 1000) * 1000;
    return { ...unit, ptsUs, dtsUs: ptsUs, durationUs: 0 };
  });
  return { track, units: rounded };
}

const [small, large, sound] = await Promise.all([
  encodeVideo('320x180', 300),
  encodeVideo('640x360', 700),
  encodeAudio(),
]);

function setUp(
  t: { teardown(handler: () => void): void },
  parts: { video?: boolean; audio?: boolean; hls?: Partial<typeof HLS> } = {},
) {
  const { video = true, audio = true, hls = {} } = parts;
  const output = createHlsOutput({ options: { ...HLS, ...hls }, logger: silentLogger });
  t.teardown(() => output.close('test over'));
  const ports = {
    ...(video
      ? { '180p': new FakeRendition('180p', small.track), '360p': new FakeRendition('360p', large.track) }
      : {}),
    ...(audio ? { aac: new FakeRendition('aac', sound.track) } : {}),
  } as Record<'180p' | '360p' | 'aac', FakeRendition>;
  for (const port of Object.values(ports)) output.addRendition(port);
  return { output, ports };
}

/** Writes media in time order, as a stream would. */
function feed(ports: Record<string, FakeRendition>, fromS = 0, untilS = SECONDS + 1): void {
  const sources: Record<string, readonly AccessUnit[]> = {
    '180p': small.units,
    '360p': large.units,
    aac: sound.units,
  };
  const all = Object.entries(ports).flatMap(([id, port]) =>
    (sources[id] ?? []).map((unit) => ({ port, unit })),
  );
  const from = START_US + fromS * 1e6;
  const until = START_US + untilS * 1e6;
  for (const { port, unit } of all.sort((a, b) => a.unit.dtsUs - b.unit.dtsUs)) {
    if (unit.dtsUs >= from && unit.dtsUs < until) port.write(unit);
  }
}

function text(resource: { body: Buffer | readonly Buffer[] } | undefined): string {
  return resource ? Buffer.concat([resource.body].flat() as Buffer[]).toString() : '';
}

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

t.test('ready means that each rendition can be played', async (t) => {
  const { output, ports } = setUp(t);
  let ready = false;
  const waiting = output.waitUntilReady(AbortSignal.timeout(10_000)).then(() => {
    ready = true;
  });
  feed({ '180p': ports['180p'], '360p': ports['360p'] }, 0, 3.5);
  await Promise.resolve();
  t.notOk(ready, 'audio is missing');
  feed({ aac: ports.aac }, 0, 3.5);
  await waiting;
  await output.waitUntilReady(AbortSignal.timeout(10_000));
  t.match(text(output.resolve('index.m3u8')), 'AUDIO=');
});

t.test('a rendition that stays empty does not hold up the others for long', async (t) => {
  const { output, ports } = setUp(t);
  feed({ '180p': ports['180p'] }, 0, 8.5);
  await output.waitUntilReady(AbortSignal.timeout(10_000));
  const playlist = text(output.resolve('index.m3u8'));
  t.match(playlist, '180p/index.m3u8');
  t.notMatch(playlist, '360p');
  feed({ '360p': ports['360p'] });
  t.match(text(output.resolve('index.m3u8')), '360p', 'it joins once it has something');
});

t.test('sound that is there before the picture does not make a playlist without one', async (t) => {
  const { output, ports } = setUp(t, { video: false });
  feed({ aac: ports.aac }, 0, 4.5);
  t.equal(output.resolve('index.m3u8'), undefined, 'a player would take it and never look again');
  const picture = new FakeRendition('180p', small.track);
  output.addRendition(picture);
  feed({ '180p': picture }, 0, 4.5);
  t.match(text(output.resolve('index.m3u8')), '180p/index.m3u8');
});

t.test('waiting ends with the signal, and with the output', async (t) => {
  const { output } = setUp(t);
  const aborted = AbortSignal.abort(new Error('gone'));
  await t.rejects(output.waitUntilReady(aborted), { message: 'gone' });
  const late = new AbortController();
  const first = output.waitUntilReady(late.signal);
  late.abort(new Error('left'));
  await t.rejects(first, { message: 'left' });
  const second = output.waitUntilReady(AbortSignal.timeout(10_000));
  output.end('no stream');
  await t.rejects(second, { code: 'STREAM_NOT_LIVE' });
  await t.rejects(output.waitUntilReady(AbortSignal.timeout(10_000)), { code: 'STREAM_NOT_LIVE' });
});
