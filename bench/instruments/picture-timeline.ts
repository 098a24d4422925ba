// Which clock was on the screen at any moment, from the pictures a reader saw. Pure.
import type { ClockSample } from './clock-reader.browser.ts';

/** A picture stands for this long after it came; later the screen is taken to show something unread. */
const MAX_HOLD_MS = 500;

/** The pictures one viewer showed, in order. */
export class PictureTimeline {
  readonly #samples: ClockSample[] = [];

  constructor(samples: readonly ClockSample[] = []) {
    this.add(samples);
  }

  get samples(): readonly ClockSample[] {
    return this.#samples;
  }

  add(samples: readonly ClockSample[]): void {
    this.#samples.push(...samples);
    this.#samples.sort((a, b) => a.shownAtMs - b.shownAtMs);
  }

  /**
   * The stream's clock on this screen at `atMs` (both Unix ms), running on between one picture and the next;
   * undefined when no picture was read shortly before.
   */
  clockAt(atMs: number): number | undefined {
    const sample = this.#samples.findLast(({ shownAtMs }) => shownAtMs <= atMs);
    if (!sample || atMs - sample.shownAtMs > MAX_HOLD_MS) return undefined;
    return sample.clockMs + (atMs - sample.shownAtMs);
  }
}
