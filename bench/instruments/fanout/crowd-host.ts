// The generator's side of a crowd: joins viewers a few at a time, resets and sums their accounts. How a viewer
// connects is given by the transport's own module (websocket-crowd.generator.ts, and one for data channels).
import { LatencyHistogram } from '../latency-histogram.ts';
import type { CrowdMethods, CrowdTarget, DialectName, Reception } from './crowd-methods.ts';
import { FrameCatalog } from './frame-catalog.ts';
import type { FrameSummary } from './frame-summary.ts';
import { ViewerAccount } from './viewer-account.ts';

/** Every how many viewers one measures latency: enough of them, spread over the order they are served in. */
const OBSERVE_EVERY = 20;
const POLL_MS = 10;

/** A connected viewer. */
export interface CrowdViewer {
  /** Offset of the room's newest event when it joined. */
  readonly offset: number;
  close(): void | Promise<void>;
}

/** How viewers of one transport connect. */
export interface CrowdTransport {
  /** Viewers joining at once. */
  readonly concurrency: number;
  /** Reads the payload of an event frame, as handed to the account. */
  readonly readerOf: (dialect: DialectName) => (payload: Buffer) => FrameSummary;
  /** Joins one viewer; event frames go to `account.receive`, a lost connection to `account.lose`. */
  readonly connect: (target: CrowdTarget, account: ViewerAccount) => Promise<CrowdViewer>;
}

interface Member {
  readonly account: ViewerAccount;
  readonly viewer: CrowdViewer;
}

/** The viewers of one process. */
export class Crowd {
  readonly #transport: CrowdTransport;
  readonly #members: Member[] = [];
  #catalog: FrameCatalog | undefined;
  #started = 0;
  #chatLatency = new LatencyHistogram();

  constructor(transport: CrowdTransport) {
    this.#transport = transport;
  }

  /** The methods to serve. */
  get methods(): CrowdMethods {
    return {
      join: ({ target, count }) => this.#join(target, count),
      begin: ({ offset }) => this.#begin(offset),
      finish: ({ offset, timeoutMs }) => this.#finish(offset, timeoutMs),
      leave: () => this.leave(),
    };
  }

  /** Everybody leaves. */
  async leave(): Promise<void> {
    const members = this.#members.splice(0);
    this.#started = 0;
    this.#catalog = undefined;
    await Promise.all(members.map(({ viewer }) => viewer.close()));
  }

  async #join(target: CrowdTarget, count: number): Promise<{ joined: number; offset: number }> {
    this.#catalog ??= new FrameCatalog(this.#transport.readerOf(target.dialect));
    const catalog = this.#catalog;
    const joinSome = async () => {
      while (this.#started < count) {
        const isObserver = this.#started++ % OBSERVE_EVERY === 0;
        const chatLatency = isObserver ? this.#chatLatency : undefined;
        const account = new ViewerAccount({ catalog, chatLatency });
        const viewer = await this.#transport.connect(target, account);
        this.#members.push({ account, viewer });
      }
    };
    await Promise.all(Array.from({ length: this.#transport.concurrency }, joinSome));
    const offset = this.#members.reduce((highest, { viewer }) => Math.max(highest, viewer.offset), 0);
    return { joined: this.#members.length, offset };
  }

  #begin(offset: number): void {
    // Observers hold on to the histogram they were given: it is emptied, not replaced.
    this.#chatLatency.reset();
    for (const { account } of this.#members) account.reset(offset);
  }

  async #finish(offset: number, timeoutMs: number): Promise<Reception> {
    const deadline = performance.now() + timeoutMs;
    while (performance.now() < deadline && !this.#members.every((member) => hasReached(member, offset)))
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    return this.#sum(offset);
  }

  #sum(offset: number): Reception {
    const disconnected: Record<string, number> = {};
    const sum = { frames: 0, events: 0, bytes: 0, missing: 0, thinned: 0, doubled: 0 };
    for (const { account } of this.#members) {
      const { ledger, lostBecause } = account;
      sum.frames += account.frames;
      sum.events += account.events;
      sum.bytes += account.bytes;
      sum.thinned += ledger.claimed;
      sum.doubled += ledger.doubled;
      if (lostBecause === undefined) sum.missing += ledger.missingUpTo(offset);
      else disconnected[lostBecause] = (disconnected[lostBecause] ?? 0) + 1;
    }
    const viewers = this.#members.length;
    return { viewers, disconnected, ...sum, latency: { chat: this.#chatLatency.encode() } };
  }
}

function hasReached({ account }: Member, offset: number): boolean {
  return account.lostBecause !== undefined || account.ledger.highest >= offset;
}
