// Token buckets. The arithmetic is pure; RateLimiter only remembers buckets, up to a bound.
import { BarrageError } from '../../core/errors.ts';

/** How often something may be done: `perSecond` sustained, `burst` at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A bucket as it was at `atMs`. */
export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

/** Outcome of {@link takeTokens}; `retryAfterMs` is 0 when allowed. */
export interface Taking {
  readonly bucket: Bucket;
  readonly allowed: boolean;
  readonly retryAfterMs: number;
}

/** Takes `cost` tokens out of a bucket (undefined: a full one) at `nowMs`, or says when there will be enough. */
export function takeTokens(bucket: Bucket | undefined, rate: Rate, cost: number, nowMs: number): Taking {
  const elapsedMs = bucket ? Math.max(0, nowMs - bucket.atMs) : 0;
  const had = bucket ? bucket.tokens : rate.burst;
  const tokens = Math.min(rate.burst, had + (elapsedMs / 1000) * rate.perSecond);
  if (tokens >= cost)
    return { bucket: { tokens: tokens - cost, atMs: nowMs }, allowed: true, retryAfterMs: 0 };
  const retryAfterMs = Math.ceil(((cost - tokens) / rate.perSecond) * 1000);
  return { bucket: { tokens, atMs: nowMs }, allowed: false, retryAfterMs };
}

/** One rate for many keys (users, addresses). Of more than `maxKeys` the one longest unused is forgotten. */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #maxKeys: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(rate: Rate, maxKeys: number) {
    this.#rate = rate;
    this.#maxKeys = maxKeys;
  }

  get size(): number {
    return this.#buckets.size;
  }

  /**
   * Spends `cost` of a key's rate; `what` names it in the message.
   * @throws BarrageError `RATE_LIMITED` with when to come back; `BAD_REQUEST` when `cost` can never be had.
   */
  spend(key: string, cost: number, options: { readonly nowMs: number; readonly what: string }): void {
    const { perSecond, burst } = this.#rate;
    if (cost > burst) {
      throw new BarrageError(
        'BAD_REQUEST',
        `${cost} ${options.what} at once are too many, at most ${burst} are allowed`,
      );
    }
    const taking = takeTokens(this.#buckets.get(key), this.#rate, cost, options.nowMs);
    this.#remember(key, taking.bucket);
    if (taking.allowed) return;
    throw new BarrageError('RATE_LIMITED', `too many ${options.what}: ${perSecond} per second are allowed`, {
      retryAfterMs: taking.retryAfterMs,
    });
  }

  #remember(key: string, bucket: Bucket): void {
    // Deleting first moves the key to the end: the map's order is then the order of last use.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= this.#maxKeys) return;
    const idlest = this.#buckets.keys().next();
    if (!idlest.done) this.#buckets.delete(idlest.value);
  }
}
