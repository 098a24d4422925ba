// A batch of events as it goes out: encoded once and shared by every viewer of the room.
import type { Lane } from '../protocol/wire.ts';

/** One encoded frame. `first` and `last` are the offsets it spans, `count` its numbered events; 0 for pulse. */
export interface SharedFrame {
  readonly lane: Lane;
  readonly text: string;
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** One encoded event waiting to go into a frame. */
export interface EncodedEvent {
  readonly json: string;
  /** 0 for events without one */
  readonly offset: number;
}

/** Builds the frame `{"epoch":..,"events":[..]}` of already encoded events. */
export function buildFrame(epoch: string, lane: Lane, events: readonly EncodedEvent[]): SharedFrame {
  const numbered = events.filter((event) => event.offset > 0);
  return {
    lane,
    text: `{"epoch":${JSON.stringify(epoch)},"events":[${events.map((event) => event.json).join(',')}]}`,
    first: numbered[0]?.offset ?? 0,
    last: numbered.at(-1)?.offset ?? 0,
    count: numbered.length,
  };
}
