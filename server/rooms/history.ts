// What a room remembers of its value and chat lanes, so that who reconnects misses nothing.
import type { NumberedEvent } from '../protocol/wire.ts';

/** Remembers numbered events; offsets come without holes. */
export interface History {
  append(event: NumberedEvent): void;
  /** Events with `after < offset <= upTo`; undefined when some of them are forgotten. */
  range(after: number, upTo: number): readonly NumberedEvent[] | undefined;
  /** The newest `max` events of a type with `offset <= upTo`, oldest first. */
  recent(
    type: NumberedEvent['type'],
    options: { readonly max: number; readonly upTo: number },
  ): NumberedEvent[];
  readonly length: number;
}

/** Bounds of {@link MemoryHistory}. */
export interface MemoryHistoryOptions {
  readonly maxEvents: number;
  readonly maxAgeMs: number;
  readonly nowMs: () => number;
}

/** How far back `recent` looks: a bound on its work, not on what is kept. */
const RECENT_SCAN = 2000;

/** History in memory: the newest events up to a number and an age. */
export class MemoryHistory implements History {
  readonly #options: MemoryHistoryOptions;
  #events: NumberedEvent[] = [];
  #head = 0;

  constructor(options: MemoryHistoryOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#events.length - this.#head;
  }

  append(event: NumberedEvent): void {
    this.#events.push(event);
    this.#trim();
  }

  range(after: number, upTo: number): readonly NumberedEvent[] | undefined {
    if (after >= upTo) return [];
    this.#trim();
    const oldest = this.#events[this.#head];
    if (!oldest || oldest.offset > after + 1) return undefined;
    const start = this.#head + (after + 1 - oldest.offset);
    return this.#events.slice(start, start + (upTo - after));
  }

  recent(
    type: NumberedEvent['type'],
    options: { readonly max: number; readonly upTo: number },
  ): NumberedEvent[] {
    this.#trim();
    const found: NumberedEvent[] = [];
    const last = Math.max(this.#head, this.#events.length - RECENT_SCAN);
    for (let index = this.#events.length - 1; index >= last && found.length < options.max; index--) {
      const event = this.#events[index] as NumberedEvent;
      if (event.type === type && event.offset <= options.upTo) found.push(event);
    }
    return found.reverse();
  }

  #trim(): void {
    const { maxEvents, maxAgeMs, nowMs } = this.#options;
    const oldestAt = nowMs() - maxAgeMs;
    while (this.length > 0) {
      const oldest = this.#events[this.#head] as NumberedEvent;
      if (this.length <= maxEvents && oldest.at >= oldestAt) break;
      this.#head++;
    }
    // Compacting at half keeps trimming amortised O(1) without holding dead events.
    if (this.#head > 64 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }
}
