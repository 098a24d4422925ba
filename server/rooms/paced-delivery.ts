// When a room delivers what has gathered: at once after a quiet time, then once an interval, and on time also when
// the process is busy. What is delivered is the room's business.

/**
 * Lateness, ms, from which on a delivery does not wait for its timer any more. libuv reads up to 48 times 1,024
 * sockets before it looks at timers: a room full of busy talkers would hold back its own events for seconds.
 */
const OVERDUE_MS = 10;

export interface PacedDeliveryOptions {
  /** Shortest time from one delivery to the next, ms. */
  readonly intervalMs: number;
  /** Most of the time, 0 to 1, that deliveries may take: one to very many must leave room for what they say. */
  readonly maxShare: number;
  readonly nowMs: () => number;
  readonly deliver: () => void;
}

/** One lane's pace. Whoever made it stops it. */
export class PacedDelivery {
  readonly #options: PacedDeliveryOptions;
  #dueMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: PacedDeliveryOptions) {
    this.#options = options;
  }

  /** Something is to be delivered: as soon as the pace allows. */
  arm(): void {
    if (this.#stopped || this.#timer) return;
    const nowMs = this.#options.nowMs();
    this.#dueMs = Math.max(this.#dueMs, nowMs);
    this.#timer = setTimeout(() => this.#run(), this.#dueMs - nowMs);
  }

  /** To be called before more is gathered: delivers now what its timer should have delivered before. */
  catchUp(): void {
    if (this.#timer && this.#options.nowMs() > this.#dueMs + OVERDUE_MS) this.#run();
  }

  /** Delivers for the last time, whatever the pace. */
  stop(): void {
    if (this.#stopped) return;
    this.#run();
    this.#stopped = true;
  }

  #run(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { nowMs, intervalMs, deliver } = this.#options;
    const startedMs = nowMs();
    this.#dueMs = startedMs + intervalMs;
    deliver();
    // Connections gather what is written in a turn: the writing itself comes in ticks queued before this one.
    process.nextTick(() => this.#rest(startedMs));
  }

  /** Puts off what comes next when the delivery took long. */
  #rest(startedMs: number): void {
    const { nowMs, maxShare } = this.#options;
    const restedMs = startedMs + (nowMs() - startedMs) / maxShare;
    if (restedMs <= this.#dueMs) return;
    this.#dueMs = restedMs;
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.arm();
  }
}
