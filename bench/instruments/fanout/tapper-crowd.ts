// Many tappers at one pace, their sends spread evenly over the interval: an open load, in which a tapper that
// still waits for its answer sums its taps. Times are measured from when a send was due.
import { setTimeout } from 'node:timers/promises';
import type { HelloResult } from '../../../server/protocol/wire.ts';
import { findDialect } from './dialect.ts';
import { FrameCatalog } from './frame-catalog.ts';
import { TapBook, type TapCounts } from './tap-book.ts';
import { type TapManner, Tapper } from './tapper.ts';

const JOINING_AT_ONCE = 50;
const STEP_MS = 4;
const POLL_MS = 10;

/** A stretch of tapping. */
export interface Tapping extends TapManner {
  /** Taps a second of each tapper. */
  readonly tapsPerSecond: number;
  /** Time between two sends of a tapper, ms. */
  readonly intervalMs: number;
  /** Slots the crowd shares with other generators: this one takes every `of`-th, from `index` on. */
  readonly share: { readonly index: number; readonly of: number };
}

/** What every tapper shows that is still connected. */
export interface ShownTotals {
  readonly lowest: number;
  readonly highest: number;
  /** Tappers that do not show the total asked for. */
  readonly others: number;
  /** When the last one changed, and when the last answer came; ms of CLOCK_MONOTONIC. */
  readonly lastShownMs: number;
  readonly lastReplyMs: number;
}

/** What somebody is told who joins now and goes again. */
export async function askLateJoiner(url: string): Promise<HelloResult> {
  const catalog = new FrameCatalog(findDialect('barrage').summarize);
  const joiner = new Tapper({ url, catalog, book: new TapBook() });
  try {
    return await joiner.join();
  } finally {
    joiner.close();
  }
}

/** Tappers in one process. */
export class TapperCrowd {
  readonly #tappers: Tapper[] = [];
  readonly #catalog = new FrameCatalog(findDialect('barrage').summarize);
  #book = new TapBook();
  #tapping: { readonly settings: Tapping; readonly startedAtMs: number } | undefined;
  #slots = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Tappers that joined. */
  get size(): number {
    return this.#tappers.length;
  }

  /** Joins so many tappers; throws with the first that could not. Returns the total the first one was told. */
  async join(url: string, count: number): Promise<number> {
    let left = count;
    let first = Number.NaN;
    const joinSome = async () => {
      while (left-- > 0) {
        const tapper = new Tapper({ url, catalog: this.#catalog, book: this.#book });
        this.#tappers.push(tapper);
        const hello = await tapper.join();
        if (Number.isNaN(first)) first = hello.snapshot.likes;
      }
    };
    await Promise.all(Array.from({ length: JOINING_AT_ONCE }, joinSome));
    return first;
  }

  /** Starts a stretch. */
  begin(settings: Tapping): void {
    this.#book = new TapBook();
    for (const tapper of this.#tappers) tapper.begin(this.#book, settings);
    this.#tapping = { settings, startedAtMs: performance.now() };
    this.#slots = 0;
    this.#timer = setInterval(() => this.#step(), STEP_MS);
  }

  counts(): TapCounts {
    return this.#book.read();
  }

  /** Ends the stretch: no more taps; waits until what was tapped is answered. Throws when it is not in time. */
  async finish(timeoutMs: number): Promise<TapCounts> {
    this.#tapping = undefined;
    const deadline = performance.now() + timeoutMs;
    for (let busy = this.#busy(); busy > 0; busy = this.#busy()) {
      if (performance.now() > deadline)
        throw new Error(`${busy} tappers were not answered in ${timeoutMs} ms`);
      await setTimeout(POLL_MS);
    }
    clearInterval(this.#timer);
    return this.#book.read();
  }

  /** Lets a share of the tappers go and come back, one after the other over `spreadMs`: every other one cut off. */
  async reconnect(share: number, spreadMs: number): Promise<void> {
    const step = Math.max(1, Math.round(1 / share));
    const chosen = this.#tappers.filter((_, index) => index % step === 0);
    await Promise.all(
      chosen.map(async (tapper, index) => {
        await setTimeout((index / chosen.length) * spreadMs);
        await tapper.reconnect(index % 2 === 0 ? 'cut' : 'answered');
      }),
    );
  }

  /** Waits until every tapper shows the total, or the time is up. */
  async waitForTotal(total: number, timeoutMs: number): Promise<ShownTotals> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const shown = this.#shown(total);
      if (shown.others === 0 || performance.now() > deadline) return shown;
      await setTimeout(POLL_MS);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const tapper of this.#tappers) tapper.close();
    this.#tappers.length = 0;
  }

  #busy(): number {
    return this.#tappers.filter((tapper) => !tapper.isIdle).length;
  }

  #step(): void {
    if (this.#tapping) this.#tapDue(this.#tapping.settings, this.#tapping.startedAtMs);
    else for (const tapper of this.#tappers) tapper.retry();
  }

  /** Every tapper has one slot in each interval; slot n is that of tapper n modulo their number. */
  #tapDue(settings: Tapping, startedAtMs: number): void {
    const { length } = this.#tappers;
    const { intervalMs, tapsPerSecond, share } = settings;
    const slotMs = intervalMs / length;
    const offsetMs = (share.index / share.of) * slotMs;
    // The first slot is due at once.
    const due = Math.floor((performance.now() - startedAtMs - offsetMs) / slotMs) + 1;
    for (; this.#slots < due; this.#slots++) {
      const round = Math.floor(this.#slots / length);
      // Fractions of a tap add up over the rounds.
      const perRound = (tapsPerSecond * intervalMs) / 1000;
      const taps = Math.floor((round + 1) * perRound) - Math.floor(round * perRound);
      const dueMs = startedAtMs + offsetMs + this.#slots * slotMs;
      if (taps > 0) this.#tappers[this.#slots % length]?.tap(taps, dueMs);
    }
  }

  #shown(total: number): ShownTotals {
    const here = this.#tappers.filter(({ isLost }) => !isLost);
    const totals = here.map(({ shown }) => shown);
    const latest = (times: readonly number[]) => toMonotonicMs(times.reduce((a, b) => Math.max(a, b), 0));
    return {
      lowest: totals.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      highest: totals.reduce((a, b) => Math.max(a, b), 0),
      others: totals.filter((shown) => shown !== total).length,
      lastShownMs: latest(here.map(({ lastShownMs }) => lastShownMs)),
      lastReplyMs: latest(here.map(({ lastReplyMs }) => lastReplyMs)),
    };
  }
}

/** `performance.now()` counts from the start of its process; this is the machine's. */
function toMonotonicMs(nowMs: number): number {
  return Number(process.hrtime.bigint()) / 1e6 - performance.now() + nowMs;
}
