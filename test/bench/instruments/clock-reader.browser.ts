// The reader in Chromium, set against delays that are known because they are made here.
import t from 'tap';
import { PlayerBrowser } from '../../../bench/instruments/browser.ts';
import { formatDistribution, summarize } from '../../../bench/instruments/histogram.ts';
import type { Instruments } from '../../../bench/instruments/page.browser.ts';
import { PageServer } from '../../../bench/instruments/page-server.ts';
import { Viewer } from '../../../bench/instruments/viewer.ts';

declare const instruments: Instruments;

const KNOWN_DELAY_MS = 700;
/** A picture is drawn, captured and composed within a few screen refreshes. */
const TWO_PICTURES_MS = 67;

t.test('a picture drawn with a known delay is read with that delay', async (t) => {
  const pages = await PageServer.start();
  t.teardown(() => pages.close());
  const browser = await PlayerBrowser.launch();
  t.teardown(() => browser.close());
  const viewer = await Viewer.openPage(browser, pages.origin);

  await viewer.page.evaluate(drawDelayedClock, KNOWN_DELAY_MS);
  await viewer.startReading();
  const delays: number[] = [];
  for (let round = 0; round < 20 && delays.length < 60; round++) {
    await viewer.waitForPictures(1, { timeoutMs: 10_000 });
    await viewer.page.waitForFunction(() => (instruments.reader?.counts.read ?? 0) % 10 === 9);
    delays.push(...(await viewer.drain()).map((sample) => sample.shownAtMs - sample.clockMs));
  }
  const distribution = summarize(delays);
  t.comment(`delay read, ${KNOWN_DELAY_MS} ms made: ${formatDistribution(distribution)}`);
  t.ok(distribution.p50 >= KNOWN_DELAY_MS, 'never less than the delay made');
  t.ok(distribution.p50 <= KNOWN_DELAY_MS + TWO_PICTURES_MS, 'and at most two pictures more');
  t.equal((await viewer.counts()).rejected, 0, 'no checksum was wrong');
});

t.test('pictures without a clock are counted, not believed', async (t) => {
  const pages = await PageServer.start();
  t.teardown(() => pages.close());
  const browser = await PlayerBrowser.launch();
  t.teardown(() => browser.close());
  const viewer = await Viewer.openPage(browser, pages.origin);

  await viewer.page.evaluate(drawNoise);
  await viewer.startReading();
  await viewer.page.waitForFunction(() => (instruments.reader?.counts.rejected ?? 0) > 10);
  t.same(await viewer.drain(), []);
});

/** In the page: a canvas with the clock of `delayMs` ago, thirty times a second, as the video's source. */
async function drawDelayedClock(delayMs: number): Promise<void> {
  const { encodeBarcode, BARCODE_AREA, BARCODE_COLUMNS, BARCODE_ROWS } = instruments.barcode;
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
  const context = canvas.getContext('2d', { alpha: false });
  const video = document.querySelector('video');
  if (!context || !video) throw new Error('no canvas or video');
  const blockWidth = (canvas.width * BARCODE_AREA.width) / BARCODE_COLUMNS;
  const blockHeight = (canvas.height * BARCODE_AREA.height) / BARCODE_ROWS;
  setInterval(() => {
    encodeBarcode(Date.now() - delayMs).forEach((bit, index) => {
      context.fillStyle = bit ? '#d0d0d0' : '#282828';
      const left = canvas.width * BARCODE_AREA.left + (index % BARCODE_COLUMNS) * blockWidth;
      const top = canvas.height * BARCODE_AREA.top + Math.floor(index / BARCODE_COLUMNS) * blockHeight;
      context.fillRect(left, top, blockWidth, blockHeight);
    });
  }, 33);
  video.srcObject = canvas.captureStream();
  await video.play();
}

async function drawNoise(): Promise<void> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
  const context = canvas.getContext('2d', { alpha: false });
  const video = document.querySelector('video');
  if (!context || !video) throw new Error('no canvas or video');
  let tick = 0;
  setInterval(() => {
    context.fillStyle = `hsl(${tick++ % 360} 80% 50%)`;
    context.fillRect((tick * 37) % 640, (tick * 23) % 360, 80, 60);
  }, 33);
  video.srcObject = canvas.captureStream();
  await video.play();
}
