// Numbered events as JSON, encoded once however many viewers are told of them when they come back.
import type { NumberedEvent } from '../protocol/wire.ts';

const encoded = new WeakMap<NumberedEvent, string>();

/** A JSON array of events. They never change once they are published. */
export function encodeEvents(events: readonly NumberedEvent[]): string {
  return `[${events.map(encodeEvent).join(',')}]`;
}

function encodeEvent(event: NumberedEvent): string {
  let text = encoded.get(event);
  if (text === undefined) {
    text = JSON.stringify(event);
    encoded.set(event, text);
  }
  return text;
}
