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
  #closed = false;
  #attempt = 0;
  #packets = 0;
  /** Of the present session, or when it was joined. */
  #lastPacketMs = Number.NaN;
  #flowingSinceMs = Number.NaN;
  /** Silence is watched over all sessions. */
  #heardMs = nowMs();
  #longestSilenceMs = 0;

  constructor(options: MediaViewerOptions) {
    this.#options = options;
    this.#done = this.#live();
  }

  /** RTP packets of all its sessions. */
  get packets(): number {
    return this.#packets;
  }

  /** Since when packets have been flowing, monotonic ms; NaN while they do not. */
  get flowingSinceMs(): number {
    return this.#flowingSinceMs;
  }

  /** Watches for silence from now on. */
  watchSilence(): void {
    this.#heardMs = nowMs();
    this.#longestSilenceMs = 0;
  }

  /** The longest time without packets since silence is watched for, ms, whatever the session; to 50 ms. */
  get longestSilenceMs(): number {
    return Math.max(this.#longestSilenceMs, nowMs() - this.#heardMs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#done;
  }

  async #live(): Promise<void> {
    while (!this.#closed) {
      try {
        const viewer = await NativeViewer.join(this.#options.whepUrl, { onPacket: this.#count });
        this.#options.counts.joins++;
        const wasFlowing = await this.#watch();
        this.#flowingSinceMs = Number.NaN;
        // A server that is gone answers no DELETE, and one that is back does not know the session.
        await viewer.close();
        if (wasFlowing) this.#attempt = 0;
        else await this.#backOff();
      } catch (error) {
        this.#countFailure(error as Error);
        await this.#backOff();
      }
    }
  }

  /** Until it freezes, has stayed long enough, or is closed; says whether packets ever came. */
  async #watch(): Promise<boolean> {
    const stayMs = this.#options.stayMs() ?? Number.POSITIVE_INFINITY;
    const joinedAtMs = nowMs();
    const before = this.#packets;
    let seen = before;
    this.#lastPacketMs = joinedAtMs;
    while (!this.#closed && nowMs() - joinedAtMs < stayMs) {
      if (this.#packets > seen) {
        this.#lastPacketMs = nowMs();
        this.#hear(this.#lastPacketMs);
        if (seen === before) this.#flowingSinceMs = this.#lastPacketMs;
        seen = this.#packets;
      } else if (nowMs() - this.#lastPacketMs > FREEZE_MS) {
        this.#options.counts.freezes++;
        break;
      }
      await sleep(POLL_MS);
    }
    return seen > before;
  }

  #hear(atMs: number): void {
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, atMs - this.#heardMs);
    this.#heardMs = atMs;
  }

  /** Reports of senders and receivers (RTCP) also come when no media does (RFC 5761 section 4). */
  readonly #count = (packet: Buffer) => {
    const type = packet.readUInt8(1) & 0x7f;
    if (type < 64 || type > 95) this.#packets++;
  };

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
