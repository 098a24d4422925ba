// How much one session may ask: commands per second, and commands being answered at once.
import { BarrageError } from '../../core/errors.ts';
import { type Bucket, takeTokens } from '../interaction/rate-limit.ts';

const MAX_IN_FLIGHT = 16;
const BURST_SECONDS = 4;

/** Refusals at once, and per second sustained, beyond which a client is taken to be broken or hostile. */
const REFUSALS = { burst: 500, perSecond: 5 };

/** A session's budget of commands. */
export class CommandBudget {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #bucket: Bucket | undefined;
  #refusals: Bucket | undefined;
  #inFlight = 0;
  #isAbused = false;

  constructor(perSecond: number, nowMs: () => number) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /** Whether the client has gone on for so long after being refused that it should be sent away. */
  get isAbused(): boolean {
    return this.#isAbused;
  }

  /**
   * Takes one command; call `finish` once it is answered.
   * @throws BarrageError `RATE_LIMITED`.
   */
  take(): void {
    const rate = { perSecond: this.#perSecond, burst: this.#perSecond * BURST_SECONDS };
    const taking = takeTokens(this.#bucket, rate, 1, this.#nowMs());
    this.#bucket = taking.bucket;
    if (!taking.allowed || this.#inFlight >= MAX_IN_FLIGHT) {
      this.#countRefusal();
      const message = taking.allowed
        ? `more than ${MAX_IN_FLIGHT} commands are waiting for their answer`
        : `too many commands: ${this.#perSecond} per second are allowed`;
      throw new BarrageError('RATE_LIMITED', message, { retryAfterMs: Math.max(100, taking.retryAfterMs) });
    }
    this.#inFlight++;
  }

  finish(): void {
    this.#inFlight--;
  }

  #countRefusal(): void {
    const { bucket, allowed } = takeTokens(this.#refusals, REFUSALS, 1, this.#nowMs());
    this.#refusals = bucket;
    if (!allowed) this.#isAbused = true;
  }
}
