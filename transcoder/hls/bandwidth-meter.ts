// Measured bandwidth and frame rate of a rendition over its latest segments.

/** Segments that are remembered: four minutes at 2 s. */
const REMEMBERED = 120;

/** One measured run of media. */
export interface BandwidthSample {
  readonly bytes: number;
  readonly durationUs: number;
  readonly samples: number;
}

/** What {@link BandwidthMeter} says; bits per second, rounded up. */
export interface MeasuredBandwidth {
  readonly peakBps: number;
  readonly averageBps: number;
  /** Samples a second: the frame rate of a video track. */
  readonly sampleRate: number;
  /** Runs measured so far, at most those remembered. */
  readonly count: number;
}

/**
 * Peak and average segment bit rate as RFC 8216 section 4.1 defines them: the peak is over runs of
 * segments of half to one and a half target durations, so a short segment counts with the one behind it.
 */
export class BandwidthMeter {
  readonly #shortestUs: number;
  #runs: BandwidthSample[] = [];
  #short: BandwidthSample | undefined;
  #outdated = false;

  constructor(targetUs: number) {
    this.#shortestUs = targetUs / 2;
  }

  add(sample: BandwidthSample): void {
    if (this.#outdated) {
      this.#runs = [];
      this.#short = undefined;
      this.#outdated = false;
    }
    const run = this.#short ? sum(this.#short, sample) : sample;
    if (run.durationUs < this.#shortestUs) {
      this.#short = run;
      return;
    }
    this.#short = undefined;
    this.#runs.push(run);
    if (this.#runs.length > REMEMBERED) this.#runs.shift();
  }

  /** The track is another one now: forgets what was, as soon as there is something newer to say. */
  restart(): void {
    this.#outdated = true;
  }

  measure(): MeasuredBandwidth {
    const all = this.#short && this.#runs.length === 0 ? [this.#short] : this.#runs;
    const total = all.reduce(sum, { bytes: 0, durationUs: 0, samples: 0 });
    return {
      peakBps: Math.max(0, ...all.map(bitsPerSecond)),
      averageBps: bitsPerSecond(total),
      sampleRate: total.durationUs > 0 ? (total.samples * 1_000_000) / total.durationUs : 0,
      count: this.#runs.length,
    };
  }
}

function sum(a: BandwidthSample, b: BandwidthSample): BandwidthSample {
  return {
    bytes: a.bytes + b.bytes,
    durationUs: a.durationUs + b.durationUs,
    samples: a.samples + b.samples,
  };
}

function bitsPerSecond({ bytes, durationUs }: BandwidthSample): number {
  return durationUs > 0 ? Math.ceil((bytes * 8_000_000) / durationUs) : 0;
}
