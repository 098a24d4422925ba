// Viewers who come, talk for a while and go, for as long as it takes: each place in the room is taken by one
// visitor after another. Every visitor's books are closed when it leaves.
import { pause } from '../../scenario.ts';
import { EventLedger } from '../reconnect/event-ledger.ts';
import { FrameReader } from '../reconnect/frame-reader.ts';
import { Storm } from '../reconnect/storm.ts';
import { noSends } from '../reconnect/storm-crowd.ts';
import { type SendCounts, type StormSurroundings, StormViewer } from '../reconnect/storm-viewer.ts';

/** Shortest and longest pause between two visitors of a place, ms. */
const EMPTY_MS = [0, 1_000] as const;
const LIKES_AT_ONCE = 5;

export interface VisitorOptions {
  /** The room's WebSocket URL. */
  readonly url: string;
  readonly places: number;
  /** Shortest and longest stay, ms. */
  readonly stayMs: readonly [number, number];
  /** Over all visitors. */
  readonly danmakuPerSecond: number;
  readonly likesPerSecond: number;
}

/** Sums since the beginning. */
export interface VisitorCounts {
  readonly present: number;
  readonly left: number;
  /** Connections that were lost or refused, by close or error code; nobody is cut off here. */
  readonly failures: Readonly<Record<string, number>>;
  /** As in the books of those who left. */
  readonly unseen: number;
  readonly saidGone: number;
  readonly duplicates: number;
  readonly valueMissed: number;
  readonly sends: SendCounts;
}

/** Places with visitors, from their making until {@link Visitors.leave}. */
export class Visitors {
  readonly #options: VisitorOptions;
  readonly #around: StormSurroundings;
  readonly #sends = noSends();
  readonly #storm: Storm;
  readonly #ledger = new EventLedger();
  readonly #here = new Map<number, StormViewer>();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #places: readonly Promise<void>[];
  readonly #stop = new AbortController();
  readonly #books = { unseen: 0, saidGone: 0, duplicates: 0, valueMissed: 0 };
  #left = 0;
  #turn = 0;

  constructor(options: VisitorOptions) {
    this.#options = options;
    this.#storm = new Storm(options.places);
    this.#around = {
      ...{ url: options.url, ledger: this.#ledger, frames: new FrameReader(this.#ledger) },
      ...{ sends: () => this.#sends, storm: () => this.#storm, isDown: () => false },
    };
    this.#places = Array.from({ length: options.places }, (_, place) => this.#keepFilled(place));
    const { danmakuPerSecond, likesPerSecond } = options;
    this.#timers = [
      setInterval(() => this.#next()?.send('so it goes'), 1000 / danmakuPerSecond),
      setInterval(() => this.#next()?.like(LIKES_AT_ONCE), (1000 * LIKES_AT_ONCE) / likesPerSecond),
    ];
  }

  counts(): VisitorCounts {
    const present = [...this.#here.values()].filter(({ joined }) => joined).length;
    const { failures } = this.#storm.outcome(0);
    return { present, left: this.#left, failures, ...this.#books, sends: this.#sends };
  }

  /** Everybody leaves, and nobody comes any more. */
  async leave(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stop.abort();
    for (const viewer of this.#here.values()) viewer.close('goodbye');
    await Promise.all(this.#places);
  }

  async #keepFilled(place: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await pause(draw(EMPTY_MS), signal);
      if (signal.aborted) return;
      const viewer = new StormViewer(this.#around, { index: place, spared: false });
      this.#here.set(place, viewer);
      await viewer.join();
      await pause(draw(this.#options.stayMs), signal);
      viewer.close(this.#left % 2 === 0 ? 'cut' : 'goodbye');
      this.#here.delete(place);
      this.#closeBook(viewer);
    }
  }

  #closeBook(viewer: StormViewer): void {
    const audit = viewer.book.audit(this.#ledger, true);
    this.#left++;
    this.#books.unseen += audit.unseen;
    this.#books.saidGone += audit.saidGone;
    this.#books.duplicates += audit.duplicates;
    this.#books.valueMissed += audit.valueMissed;
  }

  /** The visitor whose turn it is to say something. */
  #next(): StormViewer | undefined {
    this.#turn++;
    return this.#here.get(this.#turn % this.#options.places);
  }
}

function draw([from, to]: readonly [number, number]): number {
  return from + Math.random() * (to - from);
}
