// One viewer's books: which events it was sent, which of them twice, and which were said to be left out.
// Deliberately not the SDK's own bookkeeping, which this checks the server for.
import type { EventFrame, HelloParams, HelloResult, NumberedEvent } from '../../../server/protocol/wire.ts';
import type { EventLedger } from './event-ledger.ts';
import { OffsetRanges } from './offset-ranges.ts';

/** What a viewer should have got and did not, since the books were opened. */
export interface Audit {
  /** Acknowledged danmaku it never got and was not told of. */
  readonly unseen: number;
  /** Acknowledged danmaku left out with a gap event, or with `recovered: false` in the same epoch. */
  readonly saidGone: number;
  /** Value events that others saw and it did not. */
  readonly valueMissed: number;
  /** Events sent to it more than once. */
  readonly duplicates: number;
}

interface EpochBook {
  /** Events up to here were before its time. */
  floor: number;
  /** Up to here hello said how the stream stands. */
  told: number;
  readonly got: OffsetRanges;
  readonly saidGone: OffsetRanges;
}

/** Books of one viewer over reconnects and restarts. */
export class EventBook {
  readonly #epochs = new Map<string, EpochBook>();
  #epoch: string | undefined;
  #last = 0;
  #duplicates = 0;

  /** What to say in hello; undefined before the first answer. */
  get resume(): HelloParams['resume'] {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, offset: this.#last };
  }

  acceptHello(result: HelloResult): void {
    const { epoch, offset, recovered, missed, snapshot } = result;
    const isFirst = this.#epoch === undefined;
    const isSame = this.#epoch === epoch;
    if (!isSame) {
      // Of an epoch that began while it was away a viewer wants everything.
      this.#epochs.set(epoch, newBook(isFirst ? offset : 0));
      this.#epoch = epoch;
      this.#last = 0;
    }
    if (isSame && !recovered) this.#current().saidGone.add(this.#last + 1, offset);
    if (recovered) this.#take(missed);
    // A snapshot may show again what was seen: it stands for itself.
    else for (const event of snapshot.recent) this.#current().got.add(event.offset);
    this.#last = Math.max(this.#last, offset);
    this.#current().told = offset;
  }

  acceptFrame(frame: EventFrame): void {
    if (frame.epoch !== this.#epoch) return;
    for (const event of frame.events) {
      if ('offset' in event) this.#take([event]);
      else if (event.type === 'gap') this.#current().saidGone.add(event.from, event.to);
    }
  }

  /** Forgets what was: from here on everything is wanted. */
  reopen(): void {
    this.#duplicates = 0;
    this.#epochs.clear();
    if (this.#epoch !== undefined) this.#epochs.set(this.#epoch, newBook(this.#last));
  }

  /**
   * What is missing by now. With `isLeaving` only up to the newest event it has seen: the latest ones may still
   * be under way to a viewer that leaves in the middle of things.
   */
  audit(ledger: EventLedger, isLeaving = false): Audit {
    const ceiling = isLeaving ? this.#last : Number.POSITIVE_INFINITY;
    const sum = { unseen: 0, saidGone: 0, valueMissed: 0, duplicates: this.#duplicates };
    for (const [name, { floor, told, got, saidGone }] of this.#epochs) {
      const { acknowledged, value, state } = ledger.epoch(name);
      const missing = got.missingOf(acknowledged, floor, ceiling);
      const unsaid = saidGone.missingOf(missing, floor).size;
      sum.unseen += unsaid;
      sum.saidGone += missing.size - unsaid;
      sum.valueMissed += got.missingOf(value, floor, ceiling).size;
      sum.valueMissed += got.missingOf(state, Math.max(floor, told), ceiling).size;
    }
    return sum;
  }

  #take(events: readonly NumberedEvent[]): void {
    const { got, floor } = this.#current();
    for (const { offset } of events) {
      if (offset <= floor || got.has(offset)) this.#duplicates++;
      got.add(offset);
      this.#last = Math.max(this.#last, offset);
    }
  }

  #current(): EpochBook {
    const book = this.#epochs.get(this.#epoch ?? '');
    if (!book) throw new Error('events before hello was answered');
    return book;
  }
}

function newBook(floor: number): EpochBook {
  return { floor, told: floor, got: new OffsetRanges(), saidGone: new OffsetRanges() };
}
