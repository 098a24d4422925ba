// The server's clock as seen from here: offset by the round trip that was shortest, as NTP does it
// (RFC 5905 section 10, the clock filter). Pure, but for reading the local clock.

/** Local wall time in ms since the Unix epoch that never steps: the time base of `requestVideoFrameCallback`. */
export function localNowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** One round trip, local times from {@link localNowMs}. */
export interface ClockSample {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
  readonly serverTimeMs: number;
}

interface Estimate {
  readonly offsetMs: number;
  readonly rttMs: number;
  readonly atMs: number;
}

const MAX_SAMPLES = 16;
/** Two machines' crystals drift apart by some ms in ten minutes; older samples would hide that. */
const MAX_AGE_MS = 10 * 60_000;

/** Keeps the last 16 round trips and believes the shortest. */
export class ServerClock {
  readonly #nowMs: () => number;
  #estimates: Estimate[] = [];
  #best: Estimate | undefined;

  constructor(nowMs: () => number = localNowMs) {
    this.#nowMs = nowMs;
  }

  addSample(sample: ClockSample): void {
    const rttMs = sample.receivedAtMs - sample.sentAtMs;
    if (!(rttMs >= 0) || !Number.isFinite(sample.serverTimeMs)) return;
    const offsetMs = sample.serverTimeMs - (sample.sentAtMs + rttMs / 2);
    const kept = this.#estimates.filter((one) => sample.receivedAtMs - one.atMs <= MAX_AGE_MS);
    this.#estimates = [...kept, { offsetMs, rttMs, atMs: sample.receivedAtMs }].slice(-MAX_SAMPLES);
    this.#best = this.#estimates.reduce((best, one) => (one.rttMs < best.rttMs ? one : best));
  }

  get known(): boolean {
    return this.#best !== undefined;
  }

  /** Server time minus local time, ms; 0 while unknown. */
  get offsetMs(): number {
    return this.#best?.offsetMs ?? 0;
  }

  /** Round trip of the sample believed, ms; half of it bounds the error of {@link offsetMs}. */
  get rttMs(): number | undefined {
    return this.#best?.rttMs;
  }

  /** The server's time now, ms since the Unix epoch. */
  nowMs(): number {
    return this.#nowMs() + this.offsetMs;
  }

  /** A local time of the base of {@link localNowMs}, on the server's clock. */
  toServerMs(localMs: number): number {
    return localMs + this.offsetMs;
  }
}
