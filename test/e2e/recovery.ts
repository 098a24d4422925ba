// What breaks and mends while viewers watch: the publisher, its ffmpeg, a mediasoup worker. How long it takes is
// reported, not asserted.
import t from 'tap';
import { Publisher } from '../../bench/instruments/publisher.ts';
import { Viewer } from '../../bench/instruments/viewer.ts';
import { WatchPage } from '../../bench/instruments/watch-page.ts';
import { publish, SMALL_PICTURE, startBrowser, startServer, waitFor } from '../support/e2e-server.ts';
import { parseMediaPlaylist } from '../support/hls-playlist.ts';

t.setTimeout(220_000);

const RECOVERY_MS = 40_000;

const server = await startServer(t);
const { browser, pages } = await startBrowser(t);
const room = await server.createRoom('recovery');
let publisher = await publish(t, { server, room }, { ...SMALL_PICTURE, preset: 'obs', hls: true });
const whepTarget = { protocol: 'whep', url: server.whepUrl(room.id) } as const;
const hlsTarget = { protocol: 'hls', url: server.hlsUrl(room.id) } as const;
const whep = await openReader(whepTarget);
const hls = await openReader(hlsTarget);

t.test(
  'a publisher killed and back within the grace period: the same session and playlist play on',
  async (t) => {
    const location = await sessionOf(whep);
    const sequenceBefore = await lastSequence();
    const killedAt = Date.now();
    await publisher.kill();
    await waitFor(() => streamState(), {
      until: (state) => state === 'interrupted',
      timeoutMs: RECOVERY_MS,
      what: 'the stream to count as interrupted',
    });
    publisher = new Publisher({ ...SMALL_PICTURE, preset: 'obs', url: server.publishUrl(room) });
    const backAt = Date.now();
    const onWhep = await whep.waitForPictures(5, { timeoutMs: RECOVERY_MS, sinceMs: backAt });
    t.comment(
      `WHEP: pictures ${onWhep.shownAtMs - backAt} ms after the publisher was back, ${backAt - killedAt} ms away`,
    );
    const onHls = await hls.waitForPictures(5, { timeoutMs: RECOVERY_MS, sinceMs: backAt });
    t.comment(`HLS: pictures ${Math.round(onHls.shownAtMs - backAt)} ms after the publisher was back`);
    t.equal(await sessionOf(whep), location, 'the WHEP session is the same');
    t.ok((await lastSequence()) >= sequenceBefore, 'the playlist counted on');
    t.match(await playlistText(), /EXT-X-DISCONTINUITY/, 'and says where the break is');
  },
);

t.test('ffmpeg killed: both see new pictures without doing anything', async (t) => {
  await whep.drain();
  await hls.drain();
  const [ffmpeg] = server.processes().filter(({ name }) => name === 'ffmpeg');
  t.ok(ffmpeg, 'the stream has an ffmpeg');
  const killedAt = Date.now();
  process.kill(ffmpeg?.pid ?? 0, 'SIGKILL');
  const onWhep = await whep.waitForPictures(5, { timeoutMs: RECOVERY_MS, sinceMs: killedAt + 500 });
  t.comment(`WHEP: pictures again ${Math.round(onWhep.shownAtMs - killedAt)} ms after the kill`);
  const onHls = await hls.waitForPictures(5, { timeoutMs: RECOVERY_MS, sinceMs: killedAt + 500 });
  t.comment(`HLS: pictures again ${Math.round(onHls.shownAtMs - killedAt)} ms after the kill`);
  const ffmpegs = server.processes().filter(({ name }) => name === 'ffmpeg');
  t.equal(ffmpegs.length, 1, 'one ffmpeg took the place of the other');
});

t.test(
  'a mediasoup worker killed: the watch page comes back by itself, a plain page by posting again',
  async (t) => {
    const page = await WatchPage.open(browser, server.watchUrl(room.id), {
      transport: 'webrtc',
      name: 'Ann',
    });
    t.teardown(() => page.close());
    const workers = server.processes().filter(({ name }) => name.includes('mediasoup-worker'));
    t.ok(workers.length > 0, 'there are workers');
    const killedAt = Date.now();
    for (const { pid } of workers) process.kill(pid, 'SIGKILL');
    const onPage = await page.viewer.waitForPictures(5, { timeoutMs: RECOVERY_MS, sinceMs: killedAt + 500 });
    t.comment(`watch page: pictures again ${Math.round(onPage.shownAtMs - killedAt)} ms after the kill`);
    const onPlain = await replay(killedAt);
    t.comment(`plain WHEP page, posting until answered: pictures ${onPlain} ms after the kill`);
    const onHls = await hls.waitForPictures(5, { timeoutMs: RECOVERY_MS, sinceMs: killedAt + 500 });
    t.ok(onHls, 'HLS played on');
    const later = server.processes().filter(({ name }) => name.includes('mediasoup-worker'));
    t.equal(later.length, workers.length, 'as many workers as before');
    t.notOk(
      later.some(({ pid }) => workers.some((dead) => dead.pid === pid)),
      'all of them new',
    );
  },
);

async function openReader(target: typeof whepTarget | typeof hlsTarget): Promise<Viewer> {
  const viewer = await Viewer.openPlain(browser, pages, target);
  await viewer.startReading();
  await viewer.waitForPictures(5, { timeoutMs: RECOVERY_MS });
  return viewer;
}

/** What a plain page can do: post again until it is taken. */
async function replay(killedAt: number): Promise<number> {
  await waitFor(() => whep.play(whepTarget).then(() => 'playing', String), {
    until: (answer) => answer === 'playing',
    timeoutMs: RECOVERY_MS,
    what: 'a WHEP session',
  });
  const sample = await whep.waitForPictures(5, { timeoutMs: RECOVERY_MS, sinceMs: killedAt + 500 });
  return Math.round(sample.shownAtMs - killedAt);
}

function sessionOf(viewer: Viewer): Promise<string | undefined> {
  return viewer.page.evaluate(
    () =>
      (globalThis as unknown as { instruments: { whep?: { location?: string } } }).instruments.whep?.location,
  );
}

async function streamState(): Promise<string | undefined> {
  const streams = await server.streams();
  return streams.find((one) => one.room === room.id)?.state;
}

async function playlistText(): Promise<string> {
  const master = await (await fetch(server.hlsUrl(room.id))).text();
  const variant = master.split('\n').find((line) => line !== '' && !line.startsWith('#')) ?? '';
  return (await fetch(new URL(variant, server.hlsUrl(room.id)))).text();
}

async function lastSequence(): Promise<number> {
  return parseMediaPlaylist(await playlistText()).segments.at(-1)?.sequence ?? -1;
}

t.teardown(() => publisher.kill());
