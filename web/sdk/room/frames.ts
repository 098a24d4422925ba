// Reads what the server sends: one frame of the protocol, told apart by its shape. Trusts the server for
// the insides of an event; a frame of no known shape is undefined, never an exception.
import type { EventFrame, ReplyFrame } from '../../../server/protocol/wire.ts';

/** A frame from the server. */
export type ServerFrame =
  | { readonly kind: 'events'; readonly frame: EventFrame }
  | { readonly kind: 'reply'; readonly frame: ReplyFrame };

/** Parses a frame; undefined when it is no JSON object of a shape this version knows. */
export function parseServerFrame(text: string): ServerFrame | undefined {
  const value = parseObject(text);
  if (!value) return undefined;
  if (Array.isArray(value['events']) && typeof value['epoch'] === 'string') {
    const events = value['events'].filter(isEvent);
    return { kind: 'events', frame: { epoch: value['epoch'], events } as EventFrame };
  }
  const id = value['id'];
  if (typeof id !== 'number' && id !== null) return undefined;
  if (isObject(value['error']) || ('result' in value && id !== null)) {
    return { kind: 'reply', frame: value as unknown as ReplyFrame };
  }
  return undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEvent(value: unknown): boolean {
  return isObject(value) && typeof value['type'] === 'string';
}
