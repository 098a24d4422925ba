// Bits per second over the last few seconds of media time. Not a rate limiter.

const BUCKET_US = 1_000_000;
const BUCKETS = 4;

/** Counts bytes in one-second buckets of media time. */
export class BitrateMeter {
  #buckets: { readonly index: number; bytes: number }[] = [];

  /** Adds a unit of `bytes` at media time `timeUs`. */
  add(bytes: number, timeUs: number): void {
    const index = Math.floor(timeUs / BUCKET_US);
    const last = this.#buckets.at(-1);
    if (last && index <= last.index) last.bytes += bytes;
    else this.#buckets.push({ index, bytes });
    if (this.#buckets.length > BUCKETS + 1) this.#buckets.shift();
  }

  /** Mean over the complete buckets kept; the growing one counts only while it is alone. */
  get bitsPerSecond(): number {
    const complete = this.#buckets.slice(0, -1);
    if (complete.length === 0) return (this.#buckets[0]?.bytes ?? 0) * 8;
    const first = complete[0]?.index ?? 0;
    const spanS = (this.#buckets.at(-1)?.index ?? first + 1) - first;
    return Math.round((complete.reduce((sum, bucket) => sum + bucket.bytes, 0) * 8) / Math.max(1, spanS));
  }
}
