// Starts a headless Chromium set up for playing: finds the binary, passes the flags, ends it for sure.
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * No sandbox because suites run as root in containers; no mDNS because its names would have to be resolved
 * by a server without multicast; no throttling because several pages are watched at once.
 */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-component-update',
  '--disable-sync',
  '--disable-features=WebRtcHideLocalIpsWithMdns,CalculateNativeWinOcclusion',
];

/** Path of a Chromium: `CHROMIUM_BIN`, or where distributions put it. Throws with the remedy. */
export function findChromium(): string {
  const found = [process.env['CHROMIUM_BIN'] ?? '', ...CHROMIUM_PATHS].find(
    (path) => path && existsSync(path),
  );
  if (found) return found;
  throw new Error('no Chromium found: install the "chromium" package or set CHROMIUM_BIN to its path');
}

/** A running Chromium. */
export class PlayerBrowser {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<PlayerBrowser> {
    const browser = await chromium.launch({
      executablePath: findChromium(),
      args: FLAGS,
      headless: true,
      // A benchmark ends its processes itself, in its own order.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    return new PlayerBrowser(browser);
  }

  get version(): string {
    return `Chromium ${this.#browser.version()}`;
  }

  /** A page in a window of its own: of tabs that share one, some render only once a second now and then. */
  newPage(): Promise<Page> {
    return this.#browser.newPage({ bypassCSP: true, viewport: { width: 1280, height: 800 } });
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
