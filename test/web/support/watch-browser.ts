// What the tests of the watch page in Chromium share: one browser, one live HLS stream, and for each test a site of
// its own.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Test } from 'tap';
import type { DrawnRecord } from '../../../web/pages/watch/event-feed.ts';
import type { PlayerState } from '../../../web/sdk/index.ts';
import { eventually } from './eventually.ts';
import { LiveHls } from './live-hls.ts';
import { WatchSite } from './watch-site.ts';

const CHROMIUM = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The answering page gathers addresses that the other can use without multicast DNS.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];
export const LAYERS = [
  { index: 0, name: '90p', width: 160, height: 90 },
  { index: 1, name: '180p', width: 320, height: 180 },
];

/** The part of `window.barrage` that tests read. */
export interface Insides {
  readonly drawn: DrawnRecord[];
  readonly player: {
    state: PlayerState;
    transport: string;
    latencyMs: number;
    webrtc: { clockSource: string };
  };
  readonly room: { state: { status: string; events?: string } };
}

/** Chromium and a live stream for the tests of one file. */
export class WatchBrowser {
  readonly browser: Browser;
  readonly #hls: LiveHls;
  readonly #folder: string;

  private constructor(browser: Browser, hls: LiveHls, folder: string) {
    this.browser = browser;
    this.#hls = hls;
    this.#folder = folder;
  }

  static async start(): Promise<WatchBrowser> {
    if (!existsSync(CHROMIUM)) throw new Error(`no Chromium at ${CHROMIUM}; CHROMIUM_BIN says where it is`);
    const folder = await mkdtemp(join(tmpdir(), 'barrage-watch-'));
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
    return new WatchBrowser(browser, await LiveHls.start(folder), folder);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.#hls.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A site that goes away with the test; `problems` collects what the pages complain about. */
  async setUp(t: Test) {
    const site = await WatchSite.start(join(this.#folder, 'web'), this.#folder);
    t.teardown(() => site.close());
    const { room } = site;
    room.stream = { state: 'live', sinceMs: Date.now(), layers: LAYERS };
    const problems: string[] = [];
    const open = async (query = '', options: BrowserContextOptions = {}): Promise<Page> => {
      const page = await this.openPage(t, options);
      page.on('console', (message) => {
        // A 404 of a stream that is not there yet is no fault of the page.
        const network = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !network) problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.goto(site.url(query));
      return page;
    };
    return { site, room, open, problems };
  }

  /** An empty page in a context of its own. */
  async openPage(t: Test, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width: 1100, height: 700 }, ...options });
    t.teardown(() => context.close());
    return context.newPage();
  }
}

/** Reads something of `window.barrage`; `read` runs in the page. */
export const insides = <T>(page: Page, read: (insides: Insides) => T): Promise<T> =>
  page.evaluate(`(${read.toString()})(window.barrage)`);

/** Resolves once the page plays over that transport. */
export async function untilPlaying(page: Page, transport: string): Promise<void> {
  const read = () => insides(page, ({ player }) => player.state);
  const isThere = (state: PlayerState) => 'transport' in state && state.transport === transport;
  const probe = async () => {
    const state = await read();
    return state.status === 'playing' && isThere(state);
  };
  await eventually(probe, { what: `playing ${transport}`, timeoutMs: 25_000 }).catch(async (error) => {
    throw new Error(`${error.message}; it is ${JSON.stringify(await read())}`);
  });
}

/** Resolves with the record of a danmaku once it was drawn. */
export async function untilDrawn(page: Page, text: string): Promise<DrawnRecord> {
  return eventually(
    async () => (await insides(page, ({ drawn }) => drawn)).find((one) => one.text === text),
    { what: `drawing "${text}"`, timeoutMs: 15_000 },
  );
}
