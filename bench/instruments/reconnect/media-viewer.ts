// A WHEP viewer that comes back: it joins again when no packet comes any more, and leaves after a while when it
// is told to. Real ICE, DTLS and SRTP; nothing is decoded.
import { backoffDelayMs } from '../../../server/protocol/backoff.ts';
import { monotonicUs } from '../fanout/monotonic.ts';
import { NativeViewer } from '../native-viewer.ts';

const POLL_MS = 50;
/** Without packets for so long it joins again. WHEP has no other sign that a server is gone. */
export const FREEZE_MS = 1_000;
/** The bounds of the SDK's WebRTC player; the first attempt after media was flowing comes at once. */
const RETRY = { minMs: 500, maxMs: 15_000 };

/** What became of the viewers of a process. */
export interface MediaCounts {
  joins: number;
  /** Sessions without packets for {@link FREEZE_MS}. */
  freezes: number;
  /** Refused or unanswered joins, by reason. */
  readonly failures: Record<string, number>;
}

export interface MediaViewerOptions {
  readonly whepUrl: string;
  readonly counts: MediaCounts;
  /** How long it stays before it leaves and comes again, ms; for ever when it returns undefined. */
  readonly stayMs: () => number | undefined;
}

/** One viewer, from its making until it is closed. */
export class MediaViewer {
  readonly #options: MediaViewerOptions;
  readonly #done: Promise<void>;
  #viewer: NativeViewer | undefined;
  #closed = false;
  #attempt = 0;
  #packets = 0;
  #lastPacketMs = Number.NaN;
  #flowingSinceMs = Number.NaN;

  constructor(options: MediaViewerOptions) {
    this.#options = options;
    this.#done = this.#live();
  }

  /** RTP packets of its sessions before the present one, and of that. */
  get packets(): number {
    return this.#packets + (this.#viewer?.packets ?? 0);
  }

  /** Since when packets have been flowing, monotonic ms; NaN while they do not. */
  get flowingSinceMs(): number {
    return this.#flowingSinceMs;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#done;
  }

  async #live(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#viewer = await NativeViewer.join(this.#options.whepUrl);
        this.#options.counts.joins++;
        const wasFlowing = await this.#watch(this.#viewer);
        await this.#leave();
        if (wasFlowing) this.#attempt = 0;
        else await this.#backOff();
      } catch (error) {
        this.#countFailure(error as Error);
        await this.#backOff();
      }
    }
  }

  /** Until it freezes, has stayed long enough, or is closed; says whether packets ever came. */
  async #watch(viewer: NativeViewer): Promise<boolean> {
    const stayMs = this.#options.stayMs() ?? Number.POSITIVE_INFINITY;
    const joinedAtMs = nowMs();
    let seen = 0;
    this.#lastPacketMs = joinedAtMs;
    while (!this.#closed && nowMs() - joinedAtMs < stayMs) {
      if (viewer.packets > seen) {
        this.#lastPacketMs = nowMs();
        if (seen === 0) this.#flowingSinceMs = this.#lastPacketMs;
        seen = viewer.packets;
      } else if (nowMs() - this.#lastPacketMs > FREEZE_MS) {
        this.#options.counts.freezes++;
        break;
      }
      await sleep(POLL_MS);
    }
    return seen > 0;
  }

  async #leave(): Promise<void> {
    const viewer = this.#viewer;
    this.#packets = this.packets;
    this.#viewer = undefined;
    this.#flowingSinceMs = Number.NaN;
    // A server that is gone answers no DELETE, and one that is back does not know the session.
    await viewer?.close();
  }

  async #backOff(): Promise<void> {
    const untilMs = nowMs() + backoffDelayMs(this.#attempt++, RETRY);
    while (!this.#closed && nowMs() < untilMs) await sleep(POLL_MS);
  }

  #countFailure(error: Error): void {
    const code = (error.cause as { code?: string } | undefined)?.code;
    const reason = code ?? /WHEP answered \d+/.exec(error.message)?.[0] ?? error.message;
    const { failures } = this.#options.counts;
    failures[reason] = (failures[reason] ?? 0) + 1;
  }
}

function nowMs(): number {
  return monotonicUs() / 1000;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
