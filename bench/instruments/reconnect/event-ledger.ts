// What must have arrived, as the generator itself knows it: which events were acknowledged to their senders or
// shown to anybody, by epoch; and whether an event kept its number. Shared by all viewers of a generator.
import type { NumberedEvent } from '../../../server/protocol/wire.ts';
import { OffsetRanges } from './offset-ranges.ts';

const MAX_IDS = 50_000;

/** What is known of one epoch. */
export interface EpochRecord {
  /** Danmaku whose senders were told that they were accepted. */
  readonly acknowledged: OffsetRanges;
  /** Events of the value lane anybody saw that a later hello does not tell of. */
  readonly value: OffsetRanges;
  /** Changes of the stream anybody saw: hello says how it stands. */
  readonly state: OffsetRanges;
}

/** Acknowledged and seen events; ids are remembered up to a bound. */
export class EventLedger {
  readonly #epochs = new Map<string, EpochRecord>();
  readonly #places = new Map<string, string>();
  #renumbered = 0;

  /** Events that came again under another number: shown twice by a client that goes by numbers. */
  get renumbered(): number {
    return this.#renumbered;
  }

  epoch(name: string): EpochRecord {
    const found = this.#epochs.get(name);
    if (found) return found;
    const record = { acknowledged: new OffsetRanges(), value: new OffsetRanges(), state: new OffsetRanges() };
    this.#epochs.set(name, record);
    return record;
  }

  acknowledge(epoch: string, offset: number): void {
    this.epoch(epoch).acknowledged.add(offset);
  }

  /** Notes events somebody was sent; call it once for frames that are alike. */
  see(epoch: string, events: readonly NumberedEvent[]): void {
    for (const { id, offset, type } of events) {
      if (type !== 'danmaku') this.epoch(epoch)[type === 'stream' ? 'state' : 'value'].add(offset);
      const place = `${epoch} ${offset}`;
      const before = this.#places.get(id);
      if (before !== undefined && before !== place) this.#renumbered++;
      this.#places.set(id, place);
      if (this.#places.size <= MAX_IDS) continue;
      const oldest = this.#places.keys().next();
      if (!oldest.done) this.#places.delete(oldest.value);
    }
  }
}
