// Sums the taps on a like button and sends them at most four times a second. Does not draw.
import { Emitter } from './emitter.ts';
import { RoomError } from './room/room-error.ts';

export interface LikeSenderOptions {
  /** Sends `like.send` and resolves with the room's total. */
  readonly send: (count: number) => Promise<{ readonly total: number }>;
  /** Shortest time between two sends; default 250 ms. */
  readonly intervalMs?: number;
}

/** `shown`: the total to show now, taps not yet confirmed included. */
export interface LikeSenderEvents {
  shown: number;
}

/** Bound of the likes kept while they cannot be sent. */
const MAX_UNSENT = 1000;

/** One send is under way at a time; what failed in a way worth repeating goes with the next. */
export class LikeSender extends Emitter<LikeSenderEvents> {
  /** Most likes of one send; the rest follows with the next. The server says what it takes (`limits`). */
  maxPerSend = 10;
  readonly #options: LikeSenderOptions;
  readonly #intervalMs: number;
  #unsent = 0;
  #underWay = 0;
  #total = 0;
  #heard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #notBeforeMs = 0;
  #closed = false;

  constructor(options: LikeSenderOptions) {
    super();
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 250;
  }

  /** The room's total with our own taps, sent or not. */
  get shown(): number {
    return this.#total + this.#unsent + this.#underWay;
  }

  /** One more like (or several). */
  tap(count = 1): void {
    if (this.#closed) return;
    this.#unsent = Math.min(MAX_UNSENT, this.#unsent + count);
    this.emit('shown', this.shown);
    this.#schedule();
  }

  /** The room said its total. Totals only grow; one that came out of order is ignored. */
  setTotal(total: number): void {
    this.#heard = Math.max(this.#heard, total);
    // Whether it counts the likes under way already, only their reply tells: until then the sum would jump.
    if (this.#underWay > 0) return;
    this.#total = this.#heard;
    this.emit('shown', this.shown);
  }

  /** Starts over with a total, as after a new hello: the server may have begun anew. */
  resetTotal(total: number): void {
    this.#total = total;
    this.#heard = total;
    this.emit('shown', this.shown);
  }

  /** Stops; what was not sent is lost. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#underWay > 0 || this.#unsent === 0 || this.#closed) return;
    const delayMs = Math.max(0, this.#notBeforeMs - performance.now());
    this.#timer = setTimeout(() => void this.#flush(), delayMs);
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    const count = Math.min(this.#unsent, Math.max(1, this.maxPerSend));
    this.#unsent -= count;
    this.#underWay = count;
    this.#notBeforeMs = performance.now() + this.#intervalMs;
    try {
      const { total } = await this.#options.send(count);
      this.#underWay = 0;
      this.setTotal(total);
    } catch (error) {
      this.#underWay = 0;
      this.#handleFailure(error, count);
    }
    this.#schedule();
  }

  #handleFailure(error: unknown, count: number): void {
    // A timeout may have been counted; likes counted twice are worse than some lost.
    const again = error instanceof RoomError && error.retryable && error.code !== 'TIMEOUT';
    if (again) {
      this.#unsent = Math.min(MAX_UNSENT, this.#unsent + count);
      this.#notBeforeMs = performance.now() + Math.max(error.retryAfterMs ?? 1000, this.#intervalMs);
    }
    this.setTotal(this.#heard);
  }
}
