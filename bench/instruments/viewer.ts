// One viewer in Chromium, seen from the driving process: opens a plain player or a watch page, reads the
// burned-in clock from what it shows and listens to its sound.
import type { Page } from 'playwright-core';
import type { PlayerBrowser } from './browser.ts';
import type { ClockSample, ReaderCounts } from './clock-reader.browser.ts';
import type { Instruments } from './page.browser.ts';
import { bundleInstruments, type PageServer } from './page-server.ts';
import type { BeepOnset } from './sound-probe.browser.ts';

// The global that page.browser.ts makes; exists inside `page.evaluate` only.
declare const instruments: Instruments;

const MAX_CONSOLE_LINES = 200;
const JOIN_TIMEOUT_MS = 30_000;

/** How to play in a plain page: the protocol and the absolute URL. */
export interface PlainTarget {
  readonly protocol: 'whep' | 'hls';
  readonly url: string;
  /** Given to hls.js as its configuration. */
  readonly hlsOptions?: Readonly<Record<string, unknown>>;
}

/** A page with a player. Whoever opened it closes it. */
export class Viewer {
  readonly page: Page;
  readonly #console: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    const note = (line: string) => {
      if (this.#console.length < MAX_CONSOLE_LINES) this.#console.push(line);
    };
    page.on('console', (message) => note(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => note(`uncaught: ${error.message}`));
  }

  /** Opens the plain page and starts playing. */
  static async openPlain(browser: PlayerBrowser, pages: PageServer, target: PlainTarget): Promise<Viewer> {
    const viewer = new Viewer(await browser.newPage());
    try {
      await viewer.page.goto(`${pages.origin}/`);
      await viewer.play(target);
      return viewer;
    } catch (error) {
      await viewer.close();
      throw error;
    }
  }

  /** Opens any page that has (or will have) a video element; the instruments are put into it. */
  static async openPage(browser: PlayerBrowser, url: string): Promise<Viewer> {
    const viewer = new Viewer(await browser.newPage());
    try {
      await viewer.page.addInitScript(await bundleInstruments());
      await viewer.page.goto(url);
      return viewer;
    } catch (error) {
      await viewer.close();
      throw error;
    }
  }

  /** Starts (or, after a failure, starts again) the player of the plain page. */
  async play(target: PlainTarget): Promise<void> {
    await this.page.evaluate(async ({ protocol, url, hlsOptions }) => {
      const video = document.querySelector('video');
      if (!video) throw new Error('the page has no video element');
      instruments.whep?.pc.close();
      instruments.hls?.destroy();
      if (protocol === 'whep') instruments.whep = await instruments.playWhep(video, url);
      else instruments.hls = await instruments.playHls(video, url, hlsOptions);
    }, target);
  }

  /**
   * Opens the plain page, starts its player and closes the page. Returns the time, ms, from the start of the
   * player (the page is there already) to the first picture on the screen.
   */
  static async timeJoin(browser: PlayerBrowser, pages: PageServer, target: PlainTarget): Promise<number> {
    const viewer = new Viewer(await browser.newPage());
    try {
      await viewer.page.goto(`${pages.origin}/`);
      const firstPicture = viewer.page.evaluate(
        (timeoutMs) =>
          new Promise<{ startMs: number; firstMs: number }>((resolve, reject) => {
            const startMs = performance.now();
            setTimeout(() => reject(new Error(`no picture within ${timeoutMs} ms`)), timeoutMs);
            document
              .querySelector('video')
              ?.requestVideoFrameCallback((firstMs) => resolve({ startMs, firstMs }));
          }),
        JOIN_TIMEOUT_MS,
      );
      const [{ startMs, firstMs }] = await Promise.all([firstPicture, viewer.play(target)]);
      return firstMs - startMs;
    } finally {
      await viewer.close();
    }
  }

  /** Starts reading the clock from the page's video element, waiting for one to appear. */
  async startReading(timeoutMs = 15_000): Promise<void> {
    await this.page.waitForSelector('video', { state: 'attached', timeout: timeoutMs });
    await this.page.evaluate(() => {
      const video = document.querySelector('video');
      instruments.reader?.stop();
      if (video) instruments.reader = new instruments.ClockReader(video);
    });
  }

  /** The pictures read since the last call. */
  async drain(): Promise<ClockSample[]> {
    return this.page.evaluate(() => instruments.reader?.drain() ?? []);
  }

  async counts(): Promise<ReaderCounts> {
    return this.page.evaluate(() => instruments.reader?.counts ?? { read: 0, rejected: 0, dropped: 0 });
  }

  /**
   * Waits until `pictures` more pictures with a clock after `sinceMs` were read, and returns the last.
   * Samples read meanwhile are drained. Throws with the page's console when they do not come.
   */
  async waitForPictures(
    pictures: number,
    options: { timeoutMs: number; sinceMs?: number },
  ): Promise<ClockSample> {
    const deadline = Date.now() + options.timeoutMs;
    let seen = 0;
    while (Date.now() < deadline) {
      const fresh = (await this.drain()).filter((sample) => sample.clockMs > (options.sinceMs ?? 0));
      seen += fresh.length;
      const last = fresh.at(-1);
      if (seen >= pictures && last) return last;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const state = await this.describe();
    throw new Error(`${seen} of ${pictures} pictures within ${options.timeoutMs} ms; ${state}`);
  }

  /** Starts listening to the page's video element. */
  async startListening(): Promise<void> {
    await this.page.evaluate(async () => {
      const video = document.querySelector('video');
      if (!video) throw new Error('the page has no video element');
      await instruments.sound?.stop();
      instruments.sound = await instruments.SoundProbe.create(video);
    });
  }

  /** Amplitude of the last tenth of a second, 0 to 1. */
  async soundPeak(): Promise<number> {
    return this.page.evaluate(() => instruments.sound?.peak ?? 0);
  }

  /** The beeps heard since the last call. */
  async drainBeeps(): Promise<BeepOnset[]> {
    return this.page.evaluate(() => instruments.sound?.drain() ?? []);
  }

  /** What the page says of itself: for messages of failures. */
  async describe(): Promise<string> {
    const video = await this.page.evaluate(() => {
      const element = document.querySelector('video');
      const connection = instruments.whep?.pc.connectionState;
      const errors = instruments.hlsErrors.slice(-5).join('; ');
      if (!element) return `no video element on ${location.href}`;
      const { readyState, paused, currentTime, videoWidth, videoHeight } = element;
      const counts = JSON.stringify(instruments.reader?.counts ?? null);
      return `video ${videoWidth}x${videoHeight} ready=${readyState} paused=${paused} at=${currentTime} counts=${counts} pc=${connection} hls=[${errors}]`;
    });
    return `${video}; console: ${this.#console.slice(-10).join(' | ')}`;
  }

  get consoleLines(): readonly string[] {
    return this.#console;
  }

  async close(): Promise<void> {
    await this.page.close().catch(() => undefined);
  }
}
