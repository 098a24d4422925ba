// Sound against picture: the arithmetic by itself, then the whole chain in Chromium on files whose skew is known.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { audioVideoSkews } from '../../../bench/instruments/audio-video-skew.ts';
import { PlayerBrowser } from '../../../bench/instruments/browser.ts';
import { formatDistribution, summarize } from '../../../bench/instruments/histogram.ts';
import { PageServer } from '../../../bench/instruments/page-server.ts';
import { TestSource } from '../../../bench/instruments/test-source.ts';
import { Viewer } from '../../../bench/instruments/viewer.ts';

const picture = (clockMs: number, shownAtMs: number) =>
  ({ clockMs, shownAtMs, width: 640, height: 360, mediaTimeMs: 0 }) as const;

t.test('a beep heard while its own second is shown has no skew', async (t) => {
  t.same(audioVideoSkews([{ heardAtMs: 9_300 }], [picture(5_000, 9_300)]), [0]);
});

t.test('sound that comes after its picture counts as positive, before it as negative', async (t) => {
  const pictures = [picture(4_960, 9_000), picture(5_060, 9_100)];
  t.same(audioVideoSkews([{ heardAtMs: 9_120 }], pictures), [80]);
  t.same(audioVideoSkews([{ heardAtMs: 9_000 }], pictures), [-40]);
});

t.test('a beep without a picture near it says nothing', async (t) => {
  t.same(audioVideoSkews([{ heardAtMs: 9_000 }], []), []);
  t.same(audioVideoSkews([{ heardAtMs: 9_000 }], [picture(1_000, 8_000)]), []);
});

t.test('a delay of the sound made in a file is found in Chromium', async (t) => {
  const madeMs = 250;
  const folder = t.testdir();
  const source = path.join(folder, 'source.mp4');
  const late = path.join(folder, 'late.mp4');
  await recordTestSource(source, 6_000);
  await runFfmpeg([
    '-i',
    source,
    '-itsoffset',
    String(madeMs / 1000),
    '-i',
    source,
    '-map',
    '0:v',
    '-map',
    '1:a',
    '-c',
    'copy',
    late,
  ]);
  const pages = await PageServer.start({
    '/source.mp4': { type: 'video/mp4', body: await readFile(source) },
    '/late.mp4': { type: 'video/mp4', body: await readFile(late) },
  });
  t.teardown(() => pages.close());
  const browser = await PlayerBrowser.launch();
  t.teardown(() => browser.close());

  const [straight, delayed] = [
    summarize(await skewsOfFile(browser, pages, '/source.mp4')),
    summarize(await skewsOfFile(browser, pages, '/late.mp4')),
  ];
  t.comment(`skew of a straight file: ${formatDistribution(straight)}`);
  t.comment(`skew with ${madeMs} ms made: ${formatDistribution(delayed)}`);
  t.ok(straight.count >= 2 && delayed.count >= 2, 'beeps were heard');
  t.ok(Math.abs(delayed.p50 - straight.p50 - madeMs) < 80, 'the difference is the delay made');
});

async function recordTestSource(file: string, durationMs: number): Promise<void> {
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'matroska', '-i', 'pipe:0', '-vf', 'scale=640:360', '-c:v', 'libx264'],
      ...['-preset', 'ultrafast', '-c:a', 'aac', '-movflags', '+faststart', '-y', file],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  const source = new TestSource(ffmpeg.stdin);
  const stop = setTimeout(() => source.stop(), durationMs);
  await once(ffmpeg, 'close');
  clearTimeout(stop);
}

async function runFfmpeg(args: readonly string[]): Promise<void> {
  const [code] = await once(spawn('ffmpeg', ['-v', 'error', '-y', ...args], { stdio: 'inherit' }), 'close');
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

/** Plays a file from its beginning to its end. */
async function skewsOfFile(browser: PlayerBrowser, pages: PageServer, file: string): Promise<number[]> {
  const viewer = await Viewer.openPage(browser, pages.origin);
  await viewer.page.evaluate(() => {
    const video = document.querySelector('video');
    if (video) video.preload = 'auto';
  });
  await viewer.startReading();
  await viewer.startListening();
  await viewer.page.evaluate(async (url) => {
    const video = document.querySelector('video');
    if (!video) throw new Error('no video');
    video.src = url;
    await video.play();
    await new Promise((resolve) => video.addEventListener('ended', resolve));
  }, file);
  const skews = audioVideoSkews(await viewer.drainBeeps(), await viewer.drain());
  await viewer.close();
  return skews;
}
