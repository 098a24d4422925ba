// Pings: a few at once for the clock, then a slow beat that notices a dead connection. Does not own the
// connection; it is told how to ping and what to do when nobody answers.
import { localNowMs, type ServerClock } from '../timing/server-clock.ts';

export interface HeartbeatOptions {
  readonly clock: ServerClock;
  readonly ping: (timeoutMs: number) => Promise<{ readonly serverTimeMs: number }>;
  /** Called when two pings in a row were not answered. */
  readonly dead: () => void;
  /** Default 15 s; must be below the server's idle limit. */
  readonly intervalMs?: number;
}

const BURST = 4;
const BURST_INTERVAL_MS = 250;
const TIMEOUT_MS = 8000;
const MAX_MISSED = 2;

/** Beats from construction until {@link stop}. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sent = 0;
  #missed = 0;
  #stopped = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const delayMs = this.#sent < BURST ? BURST_INTERVAL_MS : (this.#options.intervalMs ?? 15_000);
    this.#timer = setTimeout(() => void this.#beat(), delayMs);
  }

  async #beat(): Promise<void> {
    this.#sent++;
    const sentAtMs = localNowMs();
    try {
      const { serverTimeMs } = await this.#options.ping(TIMEOUT_MS);
      if (this.#stopped) return;
      this.#options.clock.addSample({ sentAtMs, receivedAtMs: localNowMs(), serverTimeMs });
      this.#missed = 0;
    } catch {
      this.#missed++;
    }
    if (this.#stopped) return;
    if (this.#missed >= MAX_MISSED) this.#options.dead();
    else this.#schedule();
  }
}
