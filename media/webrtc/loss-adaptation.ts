// Chooses the layer for viewers towards whom bandwidth cannot be estimated (no transport-wide feedback): by
// the loss they report. Cruder than an estimate, but they are not left with what they cannot take. Pure.

/** mediasoup's score of what a viewer receives: 10 is no loss. */
const BAD_SCORE = 7;
const GOOD_SCORE = 9;
/** A step down must show its effect in the reports before the next one. */
const DOWN_PAUSE_MS = 3_000;
const FIRST_UP_PAUSE_MS = 10_000;
const LONGEST_UP_PAUSE_MS = 160_000;
/** A step up that was followed by loss within this time was one too many. */
const FAILED_UP_MS = 10_000;

/** What {@link LossAdaptation.observe} is told. */
export interface LossObservation {
  readonly score: number;
  /** Indexes of the layers on offer, rising. */
  readonly layers: readonly number[];
  readonly nowMs: number;
}

/**
 * Steps down a layer at a time while the score is bad, and up again when it has been good for a while; the
 * while doubles each time the higher layer turned out to be too much.
 */
export class LossAdaptation {
  #cap: number | undefined;
  #changedAtMs = Number.NEGATIVE_INFINITY;
  #steppedUpAtMs = Number.NEGATIVE_INFINITY;
  #upPauseMs = FIRST_UP_PAUSE_MS;
  #goodSinceMs: number | undefined;

  /** The highest layer to send; undefined while any will do. */
  get cap(): number | undefined {
    return this.#cap;
  }

  /** Takes a look, once a second or so; answers whether {@link cap} changed. */
  observe(observation: LossObservation): boolean {
    const { score, nowMs } = observation;
    if (score < GOOD_SCORE) this.#goodSinceMs = undefined;
    else this.#goodSinceMs ??= nowMs;
    if (score < BAD_SCORE) return this.#stepDown(observation);
    return this.#stepUp(observation);
  }

  #stepDown({ layers, nowMs }: LossObservation): boolean {
    if (nowMs - this.#changedAtMs < DOWN_PAUSE_MS) return false;
    const current = this.#cap ?? layers.at(-1) ?? 0;
    const lower = layers.findLast((layer) => layer < current);
    if (lower === undefined) return false;
    if (nowMs - this.#steppedUpAtMs < FAILED_UP_MS) {
      this.#upPauseMs = Math.min(this.#upPauseMs * 2, LONGEST_UP_PAUSE_MS);
    }
    this.#cap = lower;
    this.#changedAtMs = nowMs;
    return true;
  }

  #stepUp({ layers, nowMs }: LossObservation): boolean {
    const cap = this.#cap;
    if (cap === undefined || this.#goodSinceMs === undefined) return false;
    if (nowMs - Math.max(this.#goodSinceMs, this.#changedAtMs) < this.#upPauseMs) return false;
    const higher = layers.find((layer) => layer > cap);
    this.#cap = higher === layers.at(-1) ? undefined : higher;
    this.#changedAtMs = nowMs;
    this.#steppedUpAtMs = nowMs;
    return true;
  }
}
