// A publisher's time line: 32-bit millisecond timestamps unwrapped to microseconds that never wrap. Not the
// media clock: jumps are passed on.

/** Unwraps timestamps; one for all tracks of a publication, so that they stay on one line. */
export class SourceClock {
  #last: number | undefined;

  /**
   * `timestampMs` (unsigned 32 bit) in microseconds on the source's line. A step of less than 2^31 ms in
   * either direction is taken as such, so that a wrap at 2^32 is a small step on.
   */
  toUs(timestampMs: number): number {
    const last = this.#last;
    // `| 0` makes the difference of two 32-bit counters a signed step (RFC 1982 3.2).
    const now = last === undefined ? timestampMs : last + ((timestampMs - last) | 0);
    this.#last = now;
    return now * 1000;
  }
}
