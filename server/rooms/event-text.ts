// Numbered events as JSON, encoded once however many viewers are told of them when they come back.
import type { NumberedEvent } from '../protocol/wire.ts';

/** Events of one cached piece: hundreds of small ones cost nearly as much to join as to encode. */
const BLOCK = 32;

const single = new WeakMap<NumberedEvent, string>();
/** Whole blocks by their first event; they begin at fixed offsets, so that viewers share them. */
const blocks = new WeakMap<NumberedEvent, string>();

/**
 * A JSON array of events with ascending offsets, in pieces to be joined once: a text of hundreds of kilobytes is
 * dearer to copy than to encode. Events never change once they are published.
 */
export function encodeEvents(events: readonly NumberedEvent[]): string[] {
  const pieces = ['['];
  for (let index = 0; index < events.length; ) {
    if (index > 0) pieces.push(',');
    const event = events[index] as NumberedEvent;
    const isBlock =
      event.offset % BLOCK === 0 && events[index + BLOCK - 1]?.offset === event.offset + BLOCK - 1;
    pieces.push(isBlock ? encodeBlock(events, index) : encodeSingle(event));
    index += isBlock ? BLOCK : 1;
  }
  pieces.push(']');
  return pieces;
}

function encodeBlock(events: readonly NumberedEvent[], from: number): string {
  const first = events[from] as NumberedEvent;
  let text = blocks.get(first);
  if (text === undefined) {
    text = JSON.stringify(events.slice(from, from + BLOCK)).slice(1, -1);
    blocks.set(first, text);
  }
  return text;
}

function encodeSingle(event: NumberedEvent): string {
  let text = single.get(event);
  if (text === undefined) {
    text = JSON.stringify(event);
    single.set(event, text);
  }
  return text;
}
