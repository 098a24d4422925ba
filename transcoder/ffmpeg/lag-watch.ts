// Notices an ffmpeg that works, but slower than real time: what comes out is ever older than what goes in.
// The pipe alone holds seconds of a small picture, so waiting for it to fill would be too late. Pure.

/** How far behind output may be, and for how long, before it counts. */
const MAX_LAG_US = 600_000;
const PATIENCE_MS = 2_000;

/** Follows one kind of unit through ffmpeg. */
export class LagWatch {
  #inUs = Number.NEGATIVE_INFINITY;
  #outUs = Number.NEGATIVE_INFINITY;
  #behindSinceMs: number | undefined;

  /** A unit went in; media time in microseconds. */
  handleInput(timeUs: number): void {
    this.#inUs = Math.max(this.#inUs, timeUs);
  }

  /** A unit came out. */
  handleOutput(timeUs: number): void {
    this.#outUs = Math.max(this.#outUs, timeUs);
  }

  /** How far behind ffmpeg has been for a while, in ms; undefined when it keeps up. Ask it regularly. */
  find(nowMs: number): number | undefined {
    const lagUs = this.#inUs - this.#outUs;
    if (!Number.isFinite(lagUs) || lagUs <= MAX_LAG_US) {
      this.#behindSinceMs = undefined;
      return undefined;
    }
    this.#behindSinceMs ??= nowMs;
    return nowMs - this.#behindSinceMs >= PATIENCE_MS ? lagUs / 1000 : undefined;
  }
}
