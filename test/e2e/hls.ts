// OBS's defaults to HLS: what the playlists promise, ffprobe finds and hls.js in Chromium plays.
import t from 'tap';
import { formatDistribution, summarize } from '../../bench/instruments/histogram.ts';
import { Viewer } from '../../bench/instruments/viewer.ts';
import { publish, runProgram, startBrowser, startServer, TWO_RUNGS, waitFor } from '../support/e2e-server.ts';
import { attributesOf, linesOf, type MediaPlaylist, parseMediaPlaylist } from '../support/hls-playlist.ts';

t.setTimeout(150_000);

const server = await startServer(t, TWO_RUNGS);
const room = await server.createRoom('hls');
await publish(t, { server, room }, { preset: 'obs', hls: true });
const master = await fetchText(server.hlsUrl(room.id));
const variants = attributesOf(master, 'EXT-X-STREAM-INF');

t.test('the multivariant playlist says what each variant is', async (t) => {
  t.ok(variants.length >= 1, master);
  for (const { attributes, uri } of variants) {
    t.match(attributes['CODECS'], /avc1\.[0-9a-fA-F]{6}.*mp4a\.40\.2/, `${uri} names its codecs`);
    t.match(attributes['RESOLUTION'], /^\d+x\d+$/);
    t.ok(Number(attributes['BANDWIDTH']) >= Number(attributes['AVERAGE-BANDWIDTH']));
    t.ok(Number(attributes['AVERAGE-BANDWIDTH']) > 0);
    t.ok(Math.abs(Number(attributes['FRAME-RATE']) - 30) < 1, `FRAME-RATE ${attributes['FRAME-RATE']}`);
    t.ok(attributes['AUDIO'], 'sound is a rendition of its own');
  }
  const media = attributesOf(master, 'EXT-X-MEDIA');
  t.ok(media.some(({ attributes }) => attributes['TYPE'] === 'AUDIO' && attributes['URI']));
});

t.test('playlists may be read from other origins and are not kept for long', async (t) => {
  const response = await fetch(server.hlsUrl(room.id), { headers: { Origin: 'http://elsewhere.example' } });
  t.equal(response.headers.get('access-control-allow-origin'), '*');
  t.match(response.headers.get('content-type'), /mpegurl/i);
  t.notMatch(response.headers.get('cache-control') ?? '', /immutable/);
});

t.test('every media playlist has a program date time and segments no longer than promised', async (t) => {
  for (const url of mediaPlaylistUrls()) {
    const playlist = await waitForSegments(url, 3);
    t.ok(
      playlist.segments.every(({ durationS }) => Math.round(durationS) <= playlist.targetDurationS),
      url,
    );
    const dated = playlist.segments.filter(({ programDateMs }) => programDateMs !== undefined);
    t.ok(dated.length > 0, 'EXT-X-PROGRAM-DATE-TIME is there');
    const ageMs = Date.now() - (dated.at(-1)?.programDateMs ?? 0);
    t.ok(ageMs > 0 && ageMs < 60_000, `the newest dated segment began ${ageMs} ms ago`);
    t.match(
      linesOf(await fetchText(url)).join('\n'),
      /EXT-X-MAP:URI=/,
      'CMAF with an initialization segment',
    );
  }
});

t.test('key frames of all variants stand at the same times, at the beginning of every segment', async (t) => {
  const playlists = await Promise.all(variantUrls().map((url) => waitForSegments(url, 3)));
  const times = await Promise.all(variantUrls().map(keyFrameTimes));
  const [first = []] = times;
  t.ok(first.length >= 3, `${first.length} key frames`);
  for (const [index, others] of times.entries()) {
    const common = others.filter((time) => time >= Math.max(first[0] ?? 0, others[0] ?? 0));
    const missing = common
      .filter((time) => time <= (first.at(-1) ?? 0))
      .filter((time) => !first.some((other) => Math.abs(other - time) < 0.002));
    t.same(missing, [], `variant ${index} has no key frame of its own`);
  }
  for (const playlist of playlists) t.ok(playlist.segments.length >= 3);
  const firsts = playlists.map(
    ({ segments }) => new Map(segments.map((one) => [one.sequence, one.programDateMs])),
  );
  for (const [sequence, dateMs] of firsts[0] ?? []) {
    for (const other of firsts.slice(1)) {
      const otherMs = other.get(sequence);
      if (otherMs === undefined || dateMs === undefined) continue;
      t.ok(Math.abs(otherMs - dateMs) <= 1, `segment ${sequence} begins at the same time in every variant`);
    }
  }
});

t.test('ffprobe finds in each variant what the playlist promised', async (t) => {
  for (const [index, url] of variantUrls().entries()) {
    const promised = variants[index]?.attributes['RESOLUTION'];
    const { streams } = await probe(url, ['-show_streams']);
    t.match(streams?.[0], { codec_name: 'h264', codec_type: 'video', has_b_frames: 0 }, url);
    t.equal(`${streams?.[0]?.['width']}x${streams?.[0]?.['height']}`, promised);
  }
  const [audio] = attributesOf(master, 'EXT-X-MEDIA');
  const { streams } = await probe(resolve(audio?.attributes['URI'] ?? ''), ['-show_streams']);
  t.match(streams?.[0], { codec_name: 'aac', codec_type: 'audio' });
});

t.test('hls.js in Chromium plays it: the picture moves and sound is heard', async (t) => {
  const { browser, pages } = await startBrowser(t);
  const viewer = await Viewer.openPlain(browser, pages, { protocol: 'hls', url: server.hlsUrl(room.id) });
  t.teardown(() => viewer.close());
  await viewer.startReading();
  const first = await viewer.waitForPictures(1, { timeoutMs: 30_000 });
  await viewer.startListening();
  await waitFor(() => viewer.soundPeak(), {
    until: (level) => level > 0.02,
    timeoutMs: 15_000,
    what: 'sound with a level',
  });
  await viewer.drain();
  await viewer.page.waitForTimeout(6_000);
  const samples = await viewer.drain();
  t.ok((samples.at(-1)?.clockMs ?? 0) > first.clockMs + 4_000, 'the clock in the picture advances');
  t.ok(
    samples.every(({ clockMs }, index) => clockMs >= (samples[index - 1]?.clockMs ?? 0)),
    'and never steps back',
  );
  t.comment(
    `glass to glass: ${formatDistribution(summarize(samples.map((one) => one.shownAtMs - one.clockMs)))}`,
  );
  const fatal = await viewer.page.evaluate(() =>
    (globalThis as unknown as { instruments: { hlsErrors: string[] } }).instruments.hlsErrors.filter((line) =>
      line.includes('fatal'),
    ),
  );
  t.same(fatal, []);
});

function resolve(uri: string): string {
  return new URL(uri, server.hlsUrl(room.id)).href;
}

function variantUrls(): string[] {
  return variants.map(({ uri }) => resolve(uri));
}

function mediaPlaylistUrls(): string[] {
  const renditions = attributesOf(master, 'EXT-X-MEDIA').flatMap(({ attributes }) => attributes['URI'] ?? []);
  return [...variantUrls(), ...renditions.map(resolve)];
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

function waitForSegments(url: string, count: number): Promise<MediaPlaylist> {
  return waitFor(async () => parseMediaPlaylist(await fetchText(url)), {
    until: ({ segments }) => segments.length >= count,
    timeoutMs: 30_000,
    what: `${count} segments in ${url}`,
  });
}

/** Presentation times of key frames (s) as ffprobe reads them from the last segments. */
async function keyFrameTimes(url: string): Promise<number[]> {
  const { packets = [] } = await probe(url, [
    '-show_entries',
    'packet=pts_time,flags',
    '-read_intervals',
    '%+6',
  ]);
  return packets.filter(({ flags }) => String(flags).startsWith('K')).map(({ pts_time }) => Number(pts_time));
}

interface ProbeResult {
  readonly streams?: readonly Record<string, unknown>[];
  readonly packets?: readonly Record<string, unknown>[];
}

async function probe(url: string, args: readonly string[]): Promise<ProbeResult> {
  const { stdout, stderr, code } = await runProgram('ffprobe', ['-v', 'error', ...args, '-of', 'json', url]);
  if (code !== 0) throw new Error(`ffprobe ended with ${code} on ${url}: ${stderr}`);
  return JSON.parse(stdout) as ProbeResult;
}
