// Tells the playhead which picture an HLS video shows: PROGRAM-DATE-TIME of its segment plus the way into it.
import type { Playhead } from '../timing/playhead.ts';
import { localNowMs } from '../timing/server-clock.ts';

/** A stretch of the element's time line with its wall time; hls.js's fragments have this shape. */
export interface DatedSpan {
  /** Seconds on the element's time line. */
  readonly start: number;
  /** `EXT-X-PROGRAM-DATE-TIME` of the first picture, ms since the Unix epoch. */
  readonly programDateTime: number | null;
}

/** Media time of position `timeS`, by the last dated span that starts at or before it. */
export function spanMediaMs(spans: readonly DatedSpan[], timeS: number): number | undefined {
  // A frame may lie a rounding error before the start of its own segment.
  const span = spans.findLast((one) => one.programDateTime !== null && one.start <= timeS + 0.001);
  if (!span || span.programDateTime === null) return undefined;
  return span.programDateTime + (timeS - span.start) * 1000;
}

export interface HlsClockOptions {
  readonly video: HTMLVideoElement;
  readonly playhead: Playhead;
  /** Media time (ms) of a position of the element (seconds). */
  readonly mediaMsAt: (timeS: number) => number | undefined;
}

const POLL_MS = 500;

/** Samples from construction until {@link stop}: each frame shown, and by the position while hidden. */
export class HlsClock {
  readonly #options: HlsClockOptions;
  readonly #timer: ReturnType<typeof setInterval>;
  #frameRequest = 0;
  #lastFrameMs = 0;
  #stopped = false;

  constructor(options: HlsClockOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
    this.#requestFrame();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    if (this.#frameRequest !== 0) this.#options.video.cancelVideoFrameCallback(this.#frameRequest);
  }

  #requestFrame(): void {
    const { video } = this.#options;
    if (this.#stopped || !('requestVideoFrameCallback' in video)) return;
    this.#frameRequest = video.requestVideoFrameCallback((_now, frame) => {
      this.#lastFrameMs = localNowMs();
      this.#add(frame.mediaTime, performance.timeOrigin + frame.expectedDisplayTime);
      this.#requestFrame();
    });
  }

  #poll(): void {
    const { video } = this.#options;
    const nowMs = localNowMs();
    // A paused picture stays where it is: a sample now keeps the playhead known.
    if (nowMs - this.#lastFrameMs < 2 * POLL_MS && !video.paused) return;
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) this.#add(video.currentTime, nowMs);
  }

  #add(timeS: number, atMs: number): void {
    const mediaMs = this.#options.mediaMsAt(timeS);
    if (mediaMs !== undefined) this.#options.playhead.addSample({ mediaMs, atMs });
  }
}
