// Which clock was on the screen at any moment, from the pictures a reader saw. Pure.
import type { ClockSample } from './clock-reader.browser.ts';

/** The last picture stands for this long after it came; later the screen is taken to show something unread. */
const MAX_HOLD_MS = 500;
/** A busy page leaves pictures unread for up to this long between two that were read. */
const MAX_GAP_MS = 5_000;

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
   * The stream's clock on this screen at `atMs` (both Unix ms), running on evenly from one picture to the next;
   * undefined when no picture was read shortly before, or the next one is too far away.
   */
  clockAt(atMs: number): number | undefined {
    const next = this.#samples.findIndex(({ shownAtMs }) => shownAtMs > atMs);
    const before = this.#samples.at(next === -1 ? -1 : next - 1);
    if (!before || next === 0) return undefined;
    const sinceMs = atMs - before.shownAtMs;
    const after = this.#samples[next];
    if (!after) return sinceMs > MAX_HOLD_MS ? undefined : before.clockMs + sinceMs;
    const gapMs = after.shownAtMs - before.shownAtMs;
    if (gapMs > MAX_GAP_MS) return undefined;
    return before.clockMs + ((after.clockMs - before.clockMs) * sinceMs) / gapMs;
  }
}
