// OBS's defaults to WebRTC: a plain WHEP page and the watch page play it, and the watch page changes layers.
import t from 'tap';
import { audioVideoSkews } from '../../bench/instruments/audio-video-skew.ts';
import type { ClockSample } from '../../bench/instruments/clock-reader.browser.ts';
import { formatDistribution, summarize } from '../../bench/instruments/histogram.ts';
import { Viewer } from '../../bench/instruments/viewer.ts';
import { WatchPage } from '../../bench/instruments/watch-page.ts';
import { publish, startBrowser, startServer, TWO_RUNGS, waitFor } from '../support/e2e-server.ts';

t.setTimeout(170_000);

const server = await startServer(t, TWO_RUNGS);
const { browser, pages } = await startBrowser(t);
const room = await server.createRoom('webrtc');
const publisher = await publish(t, { server, room }, { preset: 'obs', sampleRate: 44_100, tapEncoder: true });

t.test('a plain page plays it with nothing but one POST: the picture moves and sound is heard', async (t) => {
  const startedAt = performance.now();
  const viewer = await Viewer.openPlain(browser, pages, { protocol: 'whep', url: server.whepUrl(room.id) });
  t.teardown(() => viewer.close());
  await viewer.startReading();
  const first = await viewer.waitForPictures(1, { timeoutMs: 20_000 });
  t.comment(`page opened to first picture read: ${Math.round(performance.now() - startedAt)} ms`);
  const later = await viewer.waitForPictures(60, { timeoutMs: 20_000 });
  t.ok(later.clockMs > first.clockMs, 'the clock in the picture advances');

  await viewer.startListening();
  const peak = await waitFor(() => viewer.soundPeak(), {
    until: (level) => level > 0.02,
    timeoutMs: 15_000,
    what: 'sound with a level',
  });
  t.comment(`loudest sample: ${peak.toFixed(2)}`);

  const { samples, skews } = await watchFor(viewer, 5_000);
  t.ok(isAdvancing(samples), 'no picture is older than the one before it');
  t.comment(`sound after picture: ${formatDistribution(summarize(skews))}`);
  reportLatency(t, samples);
  t.same(await viewer.page.evaluate(() => [...document.scripts].map(({ src }) => new URL(src).pathname)), [
    '/hls.js',
    '/instruments.js',
  ]);
});

t.test('the answer says where the session is, and DELETE there ends it', async (t) => {
  const viewer = await Viewer.openPlain(browser, pages, { protocol: 'whep', url: server.whepUrl(room.id) });
  t.teardown(() => viewer.close());
  await viewer.startReading();
  await viewer.waitForPictures(1, { timeoutMs: 20_000 });
  const location = await viewer.page.evaluate(
    () =>
      (globalThis as unknown as { instruments: { whep: { location?: string } } }).instruments.whep.location,
  );
  t.type(location, 'string');
  t.equal((await fetch(location ?? '', { method: 'DELETE' })).status, 200);
  t.equal((await fetch(location ?? '', { method: 'DELETE' })).status, 404, 'a second time there is nothing');
});

t.test('the watch page plays by WebRTC and shows the layer that was asked for', async (t) => {
  await publisher.stop();
  // A smaller source: on a machine that is too slow for two rungs the server would rightly make one.
  const layered = await server.createRoom('layered');
  await publish(t, { server, room: layered }, { preset: 'obs', width: 854, height: 480, bitrateKbps: 1000 });
  const page = await WatchPage.open(browser, server.watchUrl(layered.id), {
    transport: 'webrtc',
    name: 'Ann',
  });
  t.teardown(() => page.close());
  const heights = await waitFor(
    () =>
      page.viewer.page.$$eval('#qualities input', (inputs) =>
        inputs.flatMap((input) => Number((input as HTMLInputElement).value) || []),
      ),
    { until: (values) => values.length > 0, timeoutMs: 15_000, what: 'a menu of qualities' },
  );
  t.ok(heights.length >= 2, `several layers are offered: ${heights}`);
  for (const height of [Math.min(...heights), Math.max(...heights)]) {
    const askedAt = performance.now();
    await page.viewer.page.$eval(`#qualities input[value="${height}"]`, (input) =>
      (input as HTMLInputElement).click(),
    );
    await waitFor(async () => (await page.viewer.drain()).at(-1)?.height ?? 0, {
      until: (shown) => shown === height,
      timeoutMs: 20_000,
      what: `a picture ${height} lines high`,
    });
    t.comment(`asked for ${height} lines, shown after ${Math.round(performance.now() - askedAt)} ms`);
    const { samples } = await watchFor(page.viewer, 1_500);
    t.ok(isAdvancing(samples), 'and it moves on without stepping back');
  }
});

interface Watched {
  readonly samples: ClockSample[];
  readonly skews: number[];
}

async function watchFor(viewer: Viewer, ms: number): Promise<Watched> {
  await viewer.drain();
  await viewer.drainBeeps();
  await viewer.page.waitForTimeout(ms);
  const samples = await viewer.drain();
  return { samples, skews: audioVideoSkews(await viewer.drainBeeps(), samples) };
}

function isAdvancing(samples: readonly ClockSample[]): boolean {
  return (
    samples.length > 10 &&
    samples.every(({ clockMs }, index) => clockMs >= (samples[index - 1]?.clockMs ?? 0))
  );
}

function reportLatency(t: { comment(text: string): void }, samples: readonly ClockSample[]): void {
  const glass = samples.map(({ shownAtMs, clockMs }) => shownAtMs - clockMs);
  const added = samples.flatMap(({ shownAtMs, clockMs }) => {
    const encodedAtMs = publisher.encodedAtMs(clockMs);
    return encodedAtMs === undefined ? [] : [shownAtMs - encodedAtMs];
  });
  t.comment(`glass to glass: ${formatDistribution(summarize(glass))}`);
  t.comment(`without the publisher's encoder: ${formatDistribution(summarize(added))}`);
}
