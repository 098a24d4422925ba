// Audio timestamps without seams. A receiver hears a gap of one sample; the media clock, which slews, would
// give it many.

/** Distance to the media clock at which the time line is set anew: one packet, below what lips betray. */
const TOLERANCE_US = 20_000;

/**
 * Lets packets follow each other exactly as long as that is within 20 ms of the media clock, and jumps
 * to the clock when it is not (a slew that added up, a lost packet, another publisher).
 */
export class AudioTimeline {
  #nextUs: number | undefined;

  /** The media time to send a packet with. */
  place(ptsUs: number, durationUs: number): number {
    const expected = this.#nextUs;
    const placed = expected !== undefined && Math.abs(ptsUs - expected) <= TOLERANCE_US ? expected : ptsUs;
    this.#nextUs = placed + durationUs;
    return placed;
  }
}
