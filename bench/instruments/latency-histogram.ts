// An HDR histogram of durations: three significant digits from a microsecond to an hour, in bounded memory,
// with coordinated omission corrected when asked to (Gil Tene, "How NOT to Measure Latency").
import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from 'hdr-histogram-js';
import type { Distribution } from './histogram.ts';

const LONGEST_US = 3_600_000_000;

/** Records milliseconds. Not for signed values: those are kept as samples. */
export class LatencyHistogram {
  readonly #histogram: Histogram;
  #belowZero = 0;

  constructor(histogram?: Histogram) {
    this.#histogram =
      histogram ??
      build({
        bitBucketSize: 32,
        autoResize: false,
        lowestDiscernibleValue: 1,
        highestTrackableValue: LONGEST_US,
        numberOfSignificantValueDigits: 3,
      });
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Values below zero, counted as zero: two clocks of one machine never disagree that much. */
  get belowZero(): number {
    return this.#belowZero;
  }

  /** Records one duration; longer than an hour counts as an hour. */
  record(ms: number, count = 1): void {
    if (ms < 0) this.#belowZero += count;
    this.#histogram.recordValueWithCount(this.#toUs(ms), count);
  }

  /**
   * Records a duration of something meant to happen every `intervalMs`: one that took longer stands for those
   * that could not be started meanwhile, which are added at one interval less each.
   */
  recordPaced(ms: number, intervalMs: number): void {
    if (ms < 0) this.#belowZero++;
    this.#histogram.recordValueWithExpectedInterval(
      this.#toUs(ms),
      Math.max(1, Math.round(intervalMs * 1000)),
    );
  }

  add(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram);
    this.#belowZero += other.#belowZero;
  }

  /** Forgets everything recorded. */
  reset(): void {
    this.#histogram.reset();
    this.#belowZero = 0;
  }

  /** The value, ms, below or at which `percent` of the records are; NaN without any. */
  percentile(percent: number): number {
    return this.count === 0 ? Number.NaN : this.#histogram.getValueAtPercentile(percent) / 1000;
  }

  summary(): Distribution {
    const none = this.count === 0;
    return {
      count: this.count,
      min: this.percentile(0),
      mean: none ? Number.NaN : this.#histogram.mean / 1000,
      p50: this.percentile(50),
      p90: this.percentile(90),
      p95: this.percentile(95),
      p99: this.percentile(99),
      max: none ? Number.NaN : this.#histogram.maxValue / 1000,
    };
  }

  /** HdrHistogram's own compressed V2 encoding in base64, readable by its tools in any language. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  static decode(encoded: string): LatencyHistogram {
    return new LatencyHistogram(decodeFromCompressedBase64(encoded, 32));
  }

  #toUs(ms: number): number {
    return Math.min(LONGEST_US, Math.max(0, Math.round(ms * 1000)));
  }
}
