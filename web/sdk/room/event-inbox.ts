// Turns frames and hello answers into events delivered exactly once, across reconnects and across the move
// between WebSocket and data channels. Pure: it neither sends nor waits.
import type {
  EventFrame,
  HelloParams,
  HelloResult,
  NumberedEvent,
  RoomEvent,
} from '../../../server/protocol/wire.ts';
import { OffsetTracker } from './offset-tracker.ts';

const MAX_IDS = 1024;

/** What came of a frame: the events to show, and whether the epoch was one nobody announced. */
export interface Inbound {
  readonly events: readonly RoomEvent[];
  /** The room's offsets restarted without our knowing: say hello again. */
  readonly strangeEpoch: boolean;
}

/** Exactly-once bookkeeping of one room. */
export class EventInbox {
  readonly #offsets = new OffsetTracker();
  /** Ids outlive an epoch, offsets do not: they catch a history that comes again under new numbers. */
  readonly #ids = new Set<string>();
  #epoch: string | undefined;

  /** What to resume from; undefined before the first hello. */
  get resume(): HelloParams['resume'] {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, offset: this.#offsets.floor };
  }

  /** True while an event that must exist has not come. */
  get hasHole(): boolean {
    return this.#offsets.hasHole;
  }

  /** Filters a pushed frame. Numbered events of another epoch are left out: hello brings them. */
  acceptFrame(frame: EventFrame): Inbound {
    const strangeEpoch = frame.epoch !== this.#epoch;
    const events = frame.events.filter((event) => this.#acceptPushed(event, strangeEpoch));
    return { events, strangeEpoch };
  }

  /**
   * Takes over a hello answer and returns what to show, oldest first: what was missed when it could be
   * recovered, else a `gap` (when it is known to be one) and the snapshot's newest events.
   */
  acceptHello(result: HelloResult): readonly RoomEvent[] {
    const sameEpoch = result.epoch === this.#epoch;
    const events: RoomEvent[] = [];
    if (!(sameEpoch && result.recovered)) events.push(...this.#startOver(result, sameEpoch));
    const source = sameEpoch && result.recovered ? result.missed : result.snapshot.recent;
    for (const event of source) if (this.#acceptNumbered(event)) events.push(event);
    this.#offsets.settle(result.offset);
    return events;
  }

  #startOver(result: HelloResult, sameEpoch: boolean): RoomEvent[] {
    const first = result.snapshot.recent[0]?.offset ?? result.offset + 1;
    const from = this.#offsets.floor + 1;
    this.#epoch = result.epoch;
    if (!sameEpoch) {
      this.#offsets.reset(first - 1);
      return [];
    }
    if (first <= from) return [];
    this.#offsets.settle(first - 1);
    return [{ type: 'gap', from, to: first - 1, dropped: first - from }];
  }

  #acceptPushed(event: RoomEvent, strangeEpoch: boolean): boolean {
    if ('offset' in event) return !strangeEpoch && this.#acceptNumbered(event);
    if (event.type === 'gap' && !strangeEpoch) this.#offsets.excuse(event.from, event.to);
    return true;
  }

  #acceptNumbered(event: NumberedEvent): boolean {
    const fresh = this.#offsets.accept(event.offset);
    if (!fresh || this.#ids.has(event.id)) return false;
    this.#ids.add(event.id);
    if (this.#ids.size > MAX_IDS) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return true;
  }
}
