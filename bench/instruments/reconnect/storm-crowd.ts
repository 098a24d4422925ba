// All viewers of a storm in one process: opens them, cuts them off, has danmaku sent, and adds up their books.
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicUs } from '../fanout/monotonic.ts';
import type { Audit } from './event-book.ts';
import { EventLedger } from './event-ledger.ts';
import { FrameReader } from './frame-reader.ts';
import { Storm, type StormOutcome } from './storm.ts';
import { type SendCounts, type StormSurroundings, StormViewer } from './storm-viewer.ts';

const SETTLE_POLL_MS = 50;
const JOIN_POLL_MS = 250;
/** When nobody more has come in for so long, the server is not going to let the rest in. */
const JOIN_PATIENCE_MS = 10_000;
/** Two ticks of a room: what was acknowledged by now has been delivered. */
const LAST_TICK_MS = 150;

export interface CrowdOptions {
  /** The room's WebSocket URL. */
  readonly url: string;
  readonly viewers: number;
  /** Further viewers who send, and are never cut off by {@link StormCrowd.cut}. */
  readonly senders: number;
  /** Viewers joining at once. */
  readonly concurrency: number;
}

/** Sums over all viewers, the senders left out. */
export interface CrowdAudit extends Audit {
  /** Of the viewer that missed most without being told. */
  readonly worstUnseen: number;
  readonly renumbered: number;
  readonly sends: SendCounts;
  /** Viewers whose connection did not come back in time to be asked. */
  readonly absent: number;
}

/** A crowd of viewers that resume. Whoever made it closes it. */
export class StormCrowd {
  readonly #options: CrowdOptions;
  readonly #ledger = new EventLedger();
  readonly #viewers: readonly StormViewer[];
  #sends: SendCounts = noSends();
  #storm: Storm;
  #downUntilMs = 0;
  #sending: NodeJS.Timeout | undefined;
  #sentCount = 0;

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#storm = new Storm(options.viewers);
    const around: StormSurroundings = {
      url: options.url,
      ledger: this.#ledger,
      frames: new FrameReader(this.#ledger),
      sends: () => this.#sends,
      storm: () => this.#storm,
      isDown: () => nowMs() < this.#downUntilMs,
    };
    this.#viewers = Array.from(
      { length: options.viewers + options.senders },
      (_, index) => new StormViewer(around, { index, spared: index >= options.viewers }),
    );
  }

  get joined(): number {
    return this.#listeners().filter(({ joined }) => joined).length;
  }

  get storm(): Storm {
    return this.#storm;
  }

  /** Lets everyone in, as fast as the server does; resolves when all have joined. Throws when some never do. */
  async open(): Promise<void> {
    const everyone = this.#joinAll().then(() => 'joined' as const);
    let before = -1;
    let movedMs = nowMs();
    while ((await Promise.race([everyone, sleep(JOIN_POLL_MS)])) !== 'joined') {
      const now = this.#viewers.filter(({ joined }) => joined).length;
      if (now !== before) movedMs = nowMs();
      before = now;
      if (nowMs() - movedMs < JOIN_PATIENCE_MS) continue;
      const failures = Object.entries(this.#storm.outcome(0).failures);
      const why = failures.map(([failure, count]) => `${count} x ${failure}`).join(', ');
      throw new Error(`the server let in ${now} of ${this.#viewers.length} viewers: ${why}`);
    }
  }

  async #joinAll(): Promise<void> {
    const waiting = this.#viewers.values();
    const joinOneByOne = async () => {
      for (const viewer of waiting) await viewer.join();
    };
    await Promise.all(Array.from({ length: this.#options.concurrency }, joinOneByOne));
  }

  /** Has danmaku sent from now on, so many a second, by the senders in turn. */
  startSending(perSecond: number): void {
    clearInterval(this.#sending);
    const senders = this.#viewers.slice(this.#options.viewers);
    this.#sending = setInterval(() => {
      senders[this.#sentCount % senders.length]?.send(`danmaku ${this.#sentCount}`);
      this.#sentCount++;
    }, 1000 / perSecond);
  }

  /** Counts anew: a storm begins. */
  beginStorm(): void {
    this.#storm = new Storm(this.#options.viewers);
    this.#sends = noSends();
    for (const { book } of this.#viewers) book.reopen();
  }

  /** Cuts everyone off at once, and lets nobody through for `outageMs`. Returns when the network is back. */
  cut(outageMs: number): number {
    this.#downUntilMs = nowMs() + outageMs;
    for (const viewer of this.#listeners()) viewer.cut();
    return this.#downUntilMs;
  }

  /** Stops sending, waits for what is under way (at most `timeoutMs`) and adds up everybody's books. */
  async settle(timeoutMs: number): Promise<CrowdAudit> {
    clearInterval(this.#sending);
    const deadline = nowMs() + timeoutMs;
    while (nowMs() < deadline && this.#viewers.some(({ waiting, joined }) => waiting > 0 || !joined)) {
      await sleep(SETTLE_POLL_MS);
    }
    await sleep(LAST_TICK_MS);
    while (nowMs() < deadline && !this.#isLevel()) await sleep(SETTLE_POLL_MS);
    return this.#audit();
  }

  outcome(fromMs: number): StormOutcome {
    return this.#storm.outcome(fromMs);
  }

  close(): void {
    clearInterval(this.#sending);
    for (const viewer of this.#viewers) viewer.close();
  }

  #listeners(): readonly StormViewer[] {
    return this.#viewers.slice(0, this.#options.viewers);
  }

  /** Whether everyone has come to the same offset. */
  #isLevel(): boolean {
    const offsets = this.#viewers.map(({ book }) => book.resume?.offset ?? 0);
    return offsets.every((offset) => offset === offsets[0]);
  }

  #audit(): CrowdAudit {
    const audits = this.#listeners().map(({ book }) => book.audit(this.#ledger));
    const sum = (read: (audit: Audit) => number) => audits.reduce((total, audit) => total + read(audit), 0);
    return {
      unseen: sum(({ unseen }) => unseen),
      saidGone: sum(({ saidGone }) => saidGone),
      valueMissed: sum(({ valueMissed }) => valueMissed),
      duplicates: sum(({ duplicates }) => duplicates),
      worstUnseen: audits.reduce((most, { unseen }) => Math.max(most, unseen), 0),
      renumbered: this.#ledger.renumbered,
      sends: this.#sends,
      absent: this.#options.viewers - this.joined,
    };
  }
}

function nowMs(): number {
  return monotonicUs() / 1000;
}

/** Nothing sent yet. */
export function noSends(): SendCounts {
  return { sent: 0, acknowledged: 0, liked: 0, refused: {}, unanswered: 0, likesUnanswered: 0 };
}
