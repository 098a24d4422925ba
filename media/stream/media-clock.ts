// One clock for everything a stream carries: maps a publisher's time line onto Unix microseconds.
// Pure: it is told when units arrived and never reads a clock itself.

/** A source time stamp to map: decode and presentation time of one unit, and when it arrived. */
export interface ClockSample {
  readonly dtsUs: number;
  readonly ptsUs: number;
  /** Arrival, Unix microseconds of a clock that never steps back. */
  readonly arrivalUs: number;
}

/** A mapped unit; `discontinuity` when the time line was anchored anew just before it. */
export interface MappedTime {
  readonly dtsUs: number;
  readonly ptsUs: number;
  readonly discontinuity: boolean;
}

const WINDOW_US = 10_000_000;
/** Corrections per elapsed time, each for errors from a size on: the larger the error, the quicker. */
const SLEWS = [
  // Sound is counted in samples and follows this one only with jumps: for what must not last.
  { fromUs: 60_000, rate: 0.02 },
  // A fifteenth of a semitone: sound is stretched along unheard. WebRTC viewers would wait out the error for good.
  { fromUs: 4_000, rate: 0.004 },
  { fromUs: 0, rate: 0.0002 },
] as const;
const BACKWARD_JUMP_US = 200_000;
const FORWARD_JUMP_US = 1_000_000;
const AHEAD_TOLERANCE_US = 500_000;

/**
 * The media clock. A unit's media time is its presentation time plus an offset, the offset being the
 * smallest `arrival - pts` of the last 10 s: as near to the moment of capture as a server can know
 * without trusting the publisher's clock, and not later than the unit's arrival once settled. The offset
 * only slews (200 ppm; 0.4 % while it is more than 4 ms off, 2 % above 60 ms), so audio and video keep
 * their distance; a jump of the source's time stamps anchors it anew, always after everything mapped before.
 */
export class MediaClock {
  #offsetUs: number | undefined;
  #lastArrivalUs = 0;
  #lastSourceDtsUs = 0;
  #latestMediaUs = Number.NEGATIVE_INFINITY;
  #window = { startUs: 0, minUs: Number.POSITIVE_INFINITY, previousMinUs: Number.POSITIVE_INFINITY };

  /** Newest presentation time mapped so far, or undefined before the first unit. */
  get latestUs(): number | undefined {
    return Number.isFinite(this.#latestMediaUs) ? this.#latestMediaUs : undefined;
  }

  /** Forgets the source's time line: the next unit anchors anew (another publisher, another session). */
  restart(): void {
    this.#offsetUs = undefined;
  }

  /** Maps one unit; audio and video of a stream go through the same clock. */
  map(sample: ClockSample): MappedTime {
    const anchored = this.#offsetUs === undefined || this.#jumped(sample, this.#offsetUs);
    if (anchored) this.#anchor(sample);
    else this.#slew(sample, this.#offsetUs ?? 0);
    this.#lastArrivalUs = sample.arrivalUs;
    this.#lastSourceDtsUs = sample.dtsUs;
    const offset = Math.round(this.#offsetUs ?? 0);
    const ptsUs = sample.ptsUs + offset;
    this.#latestMediaUs = Math.max(this.#latestMediaUs, ptsUs);
    return { dtsUs: sample.dtsUs + offset, ptsUs, discontinuity: anchored };
  }

  /** How far ahead of its arrival a unit would be mapped; large when a source runs faster than time. */
  aheadUs(sample: ClockSample): number {
    return this.#offsetUs === undefined ? 0 : sample.dtsUs + this.#offsetUs - sample.arrivalUs;
  }

  #jumped(sample: ClockSample, offsetUs: number): boolean {
    const step = sample.dtsUs - this.#lastSourceDtsUs;
    if (step < -BACKWARD_JUMP_US) return true;
    const ahead = sample.dtsUs + offsetUs - sample.arrivalUs;
    return step > FORWARD_JUMP_US && ahead > AHEAD_TOLERANCE_US;
  }

  #anchor(sample: ClockSample): void {
    // Pictures yet to come are ahead of their turn by up to about twice what the first one is.
    const wanted = sample.arrivalUs - sample.ptsUs - (sample.ptsUs - sample.dtsUs);
    // A millisecond past the last picture keeps decode times rising across the seam.
    const earliest = this.#latestMediaUs + 1000 - sample.dtsUs;
    this.#offsetUs = Math.max(wanted, earliest);
    this.#window = {
      startUs: sample.arrivalUs,
      minUs: wanted,
      previousMinUs: Number.POSITIVE_INFINITY,
    };
  }

  #slew(sample: ClockSample, offsetUs: number): void {
    const window = this.#window;
    if (sample.arrivalUs - window.startUs > WINDOW_US) {
      window.startUs = sample.arrivalUs;
      window.previousMinUs = window.minUs;
      window.minUs = Number.POSITIVE_INFINITY;
    }
    window.minUs = Math.min(window.minUs, sample.arrivalUs - sample.ptsUs);
    const target = Math.min(window.minUs, window.previousMinUs);
    const elapsed = Math.max(0, sample.arrivalUs - this.#lastArrivalUs);
    const error = target - offsetUs;
    const most = elapsed * (SLEWS.find(({ fromUs }) => Math.abs(error) > fromUs)?.rate ?? 0);
    this.#offsetUs = offsetUs + Math.max(-most, Math.min(most, error));
  }
}
