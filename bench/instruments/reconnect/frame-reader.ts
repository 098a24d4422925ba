// Reads event frames for many viewers of one process: the server sends all of them the same text, so it is parsed
// once. Otherwise parsing would be most of what the generator does.
import type { EventFrame, NumberedEvent } from '../../../server/protocol/wire.ts';
import type { EventLedger } from './event-ledger.ts';

/** Frames remembered: viewers of one room are rarely further apart than this. */
const REMEMBERED = 64;
const EVENTS_START = '{"epoch"';

/** Parses frames once, and shows each to the ledger once. */
export class FrameReader {
  readonly #ledger: EventLedger;
  readonly #frames = new Map<string, EventFrame>();

  constructor(ledger: EventLedger) {
    this.#ledger = ledger;
  }

  /** The event frame; undefined when the text is a reply. */
  readEvents(text: string): EventFrame | undefined {
    if (!text.startsWith(EVENTS_START)) return undefined;
    const known = this.#frames.get(text);
    if (known) return known;
    const frame = JSON.parse(text) as EventFrame;
    this.#ledger.see(frame.epoch, frame.events.filter(isNumbered));
    this.#frames.set(text, frame);
    if (this.#frames.size > REMEMBERED) {
      const oldest = this.#frames.keys().next();
      if (!oldest.done) this.#frames.delete(oldest.value);
    }
    return frame;
  }
}

function isNumbered(event: EventFrame['events'][number]): event is NumberedEvent {
  return 'offset' in event;
}
