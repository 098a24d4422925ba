// The playhead: media time of the picture now on the screen, smoothed from samples that a transport's
// clock delivers. Pure; it knows neither WebRTC nor HLS.
import { localNowMs } from './server-clock.ts';

/** "At local time `atMs` the picture shown was the one captured at `mediaMs`" (both ms; see below). */
export interface PlayheadSample {
  /** Media clock: ms since the Unix epoch, server's time. */
  readonly mediaMs: number;
  /** Local time of {@link localNowMs} at which that picture was (or will be) on the screen. */
  readonly atMs: number;
}

/**
 * `idle`: nothing is playing, so nothing can be ahead of anything. `unknown`: something plays, but nobody
 * can say when it was captured. `known`: `mediaMs` is the media time of the picture shown.
 */
export type PlayheadReading =
  | { readonly state: 'idle' }
  | { readonly state: 'unknown' }
  | { readonly state: 'known'; readonly mediaMs: number };

export interface PlayheadOptions {
  readonly nowMs?: () => number;
  /** Differences to the prediction above this are a jump (seek, new stream), not jitter; default 300 ms. */
  readonly jumpMs?: number;
  /** Without a sample for so long the playhead is unknown; default 10 s. */
  readonly staleMs?: number;
}

/** Share of a new sample in the smoothed offset: halves jitter over about seven frames. */
const ALPHA = 0.1;
/** The picture stands still when no newer one comes: never run further ahead of the last than this. */
const MIN_LEAD_MS = 60;
const MAX_LEAD_MS = 250;

/**
 * Monotone while playing; jumps, in both directions, when the samples do. Between samples it runs on with
 * the local clock, but at most about one frame interval: a frozen picture freezes the playhead.
 */
export class Playhead {
  readonly #nowMs: () => number;
  readonly #jumpMs: number;
  readonly #staleMs: number;
  #playing = false;
  #paused = false;
  #offsetMs: number | undefined;
  #last: PlayheadSample | undefined;
  #intervalMs = MIN_LEAD_MS;
  #floorMs = Number.NEGATIVE_INFINITY;

  constructor(options: PlayheadOptions = {}) {
    this.#nowMs = options.nowMs ?? localNowMs;
    this.#jumpMs = options.jumpMs ?? 300;
    this.#staleMs = options.staleMs ?? 10_000;
  }

  /** Something started to play: unknown until the first sample. */
  start(): void {
    this.#forget();
    this.#playing = true;
  }

  /** Nothing plays any more. */
  stop(): void {
    this.#forget();
    this.#playing = false;
  }

  /** While paused the playhead stands still, however long; afterwards it is learned anew. */
  setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    if (paused) this.read();
    else this.#forget();
    this.#paused = paused;
  }

  addSample(sample: PlayheadSample): void {
    if (!Number.isFinite(sample.mediaMs) || !Number.isFinite(sample.atMs)) return;
    this.#playing = true;
    if (this.#paused && this.#last) return;
    const offsetMs = sample.mediaMs - sample.atMs;
    const difference = this.#offsetMs === undefined ? Number.NaN : offsetMs - this.#offsetMs;
    if (!(Math.abs(difference) <= this.#jumpMs)) {
      this.#offsetMs = offsetMs;
      this.#floorMs = Number.NEGATIVE_INFINITY;
    } else {
      this.#offsetMs = offsetMs - difference * (1 - ALPHA);
      this.#learnInterval(sample);
    }
    this.#last = sample;
  }

  read(): PlayheadReading {
    if (!this.#playing) return { state: 'idle' };
    const last = this.#last;
    if (this.#paused && Number.isFinite(this.#floorMs)) return { state: 'known', mediaMs: this.#floorMs };
    const nowMs = this.#nowMs();
    if (!last || this.#offsetMs === undefined || nowMs - last.atMs > this.#staleMs)
      return { state: 'unknown' };
    const running = nowMs + this.#offsetMs;
    const mediaMs = Math.max(this.#floorMs, Math.min(running, last.mediaMs + this.#leadMs));
    this.#floorMs = mediaMs;
    return { state: 'known', mediaMs };
  }

  get #leadMs(): number {
    return Math.min(MAX_LEAD_MS, Math.max(MIN_LEAD_MS, this.#intervalMs * 1.5));
  }

  #learnInterval(sample: PlayheadSample): void {
    const stepMs = sample.mediaMs - (this.#last?.mediaMs ?? sample.mediaMs);
    if (stepMs > 0 && stepMs < 1000) this.#intervalMs += (stepMs - this.#intervalMs) * ALPHA;
  }

  #forget(): void {
    this.#offsetMs = undefined;
    this.#last = undefined;
    this.#floorMs = Number.NEGATIVE_INFINITY;
  }
}
