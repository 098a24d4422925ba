// How long to wait before ffmpeg is started again. Pure: it is told the time.

/** Bounds of a {@link Backoff}. */
export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
}

/** A run that lasted this long was a good one: the next failure starts from the shortest wait. */
const GOOD_RUN_MS = 10_000;

/** Doubles from `minMs` to `maxMs` while failures follow each other. */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** A failure at `nowMs`: the wait before the next try, in ms. */
  next(nowMs: number): number {
    if (nowMs - this.#lastFailureMs > GOOD_RUN_MS) this.#failures = 0;
    this.#lastFailureMs = nowMs;
    const delayMs = Math.min(this.#options.maxMs, this.#options.minMs * 2 ** this.#failures);
    if (delayMs < this.#options.maxMs) this.#failures++;
    return delayMs;
  }
}
