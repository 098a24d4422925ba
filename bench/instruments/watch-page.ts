// The watch page as a person uses it: types, presses like, reads. And what its debugging surface,
// `window.barrage`, says of danmaku drawn, set against the clock in the picture.
import type { PlayerBrowser } from './browser.ts';
import { PictureTimeline } from './picture-timeline.ts';
import { Viewer } from './viewer.ts';

/** One danmaku the page drew; see web/pages/watch/event-feed.ts. Times Unix ms on the server's clock. */
export interface DrawnDanmaku {
  readonly id: string;
  readonly text: string;
  readonly mediaTimeMs: number;
  readonly drawnAtMs: number;
  readonly playheadMs?: number;
  /** `due` when it waited for its moment, `late` when its moment had passed. */
  readonly cause: string;
}

export interface WatchPageOptions {
  readonly transport: 'webrtc' | 'hls';
  readonly name: string;
}

/** The page's debugging surface, as far as it is used here. */
interface BarrageSurface {
  readonly drawn: readonly DrawnDanmaku[];
}

/** A watch page in Chromium with the clock reader running. Whoever opened it closes it. */
export class WatchPage {
  readonly viewer: Viewer;
  readonly name: string;
  readonly timeline = new PictureTimeline();

  private constructor(viewer: Viewer, name: string) {
    this.viewer = viewer;
    this.name = name;
  }

  /** Opens the page and waits for pictures whose clock can be read. */
  static async open(browser: PlayerBrowser, watchUrl: string, options: WatchPageOptions): Promise<WatchPage> {
    const url = `${watchUrl}?transport=${options.transport}&name=${encodeURIComponent(options.name)}`;
    const viewer = await Viewer.openPage(browser, url);
    try {
      await viewer.startReading();
      await viewer.waitForPictures(10, { timeoutMs: 40_000 });
      return new WatchPage(viewer, options.name);
    } catch (error) {
      await viewer.close();
      throw error;
    }
  }

  /** Types a message and sends it; returns when that was (Unix ms). */
  async send(text: string): Promise<number> {
    return this.viewer.page.evaluate((message) => {
      const input = document.querySelector<HTMLInputElement>('#text');
      if (!input?.form) throw new Error('the page has no message field');
      input.value = message;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      const sentAtMs = Date.now();
      input.form.requestSubmit();
      return sentAtMs;
    }, text);
  }

  /** Presses the like button. */
  async like(times = 1): Promise<void> {
    await this.viewer.page.evaluate((count) => {
      const button = document.querySelector<HTMLButtonElement>('#like');
      for (let tap = 0; tap < count; tap++) button?.click();
    }, times);
  }

  /** The total of likes on the page. */
  async likes(): Promise<number> {
    const text = (await this.viewer.page.textContent('#likes')) ?? '';
    return Number(text.replace(/\D/g, ''));
  }

  /** Every message listed beside the picture, as text. */
  async chatText(): Promise<string> {
    return (await this.viewer.page.textContent('#chat')) ?? '';
  }

  /** The newest danmaku drawn over the picture. */
  async drawn(): Promise<readonly DrawnDanmaku[]> {
    return this.viewer.page.evaluate(
      () => (globalThis as unknown as { barrage: BarrageSurface }).barrage.drawn,
    );
  }

  /** Takes the pictures read since the last call into {@link timeline}. */
  async collect(): Promise<void> {
    this.timeline.add(await this.viewer.drain());
  }

  /** Waits until the page drew a danmaku with that text, collecting pictures meanwhile. */
  async waitForDrawn(text: string, timeoutMs: number): Promise<DrawnDanmaku> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = (await this.drawn()).find((one) => one.text === text);
      await this.collect();
      if (found) return found;
      if (Date.now() > deadline) {
        throw new Error(
          `${this.name} did not draw "${text}" in ${timeoutMs} ms; ${await this.viewer.describe()}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async close(): Promise<void> {
    await this.viewer.close();
  }
}
