// From RTP timestamps of video frames to media time, learned from the receiver's playout statistics. Exact for
// each frame where the statistics alone come once a second and with jitter. Pure.

/** 90 kHz, the clock of every video payload format (RFC 6184 section 8.2.1 for H.264). */
const TICKS_PER_MS = 90;
const WRAP_MS = 2 ** 32 / TICKS_PER_MS;
/** Odd, for the median. */
const MAX_OFFSETS = 9;
/** A difference above this is another time line (a new stream behind the same session), not jitter. */
const JUMP_MS = 1000;
/** A frame shown longer ago than this says nothing about the playout now. */
const MAX_FRAME_AGE_MS = 500;

interface ShownFrame {
  /** RTP time without wraps, ms. */
  readonly rtpMs: number;
  readonly shownAtMs: number;
}

/** Media time is RTP time plus an offset that stays the same for a session; the median of nine is believed. */
export class RtpClock {
  #frame: ShownFrame | undefined;
  #offsets: number[] = [];

  /** A frame was handed to the compositor at `shownAtMs` (local time). */
  addFrame(rtpTimestamp: number, shownAtMs: number): void {
    this.#frame = { rtpMs: this.#unwrap(rtpTimestamp), shownAtMs };
  }

  /** The statistics of local time `atMs` said that the picture of media time `mediaMs` was due. */
  addPlayout(mediaMs: number, atMs: number): void {
    const frame = this.#frame;
    if (!frame || Math.abs(atMs - frame.shownAtMs) > MAX_FRAME_AGE_MS) return;
    const offset = mediaMs - (frame.rtpMs + atMs - frame.shownAtMs);
    const known = this.#median();
    const jumped = known !== undefined && Math.abs(offset - known) > JUMP_MS;
    this.#offsets = jumped ? [offset] : [...this.#offsets, offset].slice(-MAX_OFFSETS);
  }

  /** Media time of the frame added last; undefined until something was learned. */
  get mediaMs(): number | undefined {
    const offset = this.#median();
    return offset === undefined || !this.#frame ? undefined : this.#frame.rtpMs + offset;
  }

  #unwrap(rtpTimestamp: number): number {
    const rtpMs = rtpTimestamp / TICKS_PER_MS;
    if (!this.#frame) return rtpMs;
    return rtpMs + Math.round((this.#frame.rtpMs - rtpMs) / WRAP_MS) * WRAP_MS;
  }

  #median(): number | undefined {
    return this.#offsets.toSorted((a, b) => a - b)[this.#offsets.length >> 1];
  }
}
