// What a feature sees of its room, and what it sees of the viewer who asks: narrow ports, so that a feature can
// be read and tested without either.
import { BarrageError } from '../../core/errors.ts';
import type { Identity } from '../auth/identity.ts';
import type { NumberedEvent, UnnumberedEvent } from '../protocol/wire.ts';
import type { NewEvent } from '../rooms/room.ts';

/** A feature's way to everyone in the room. `Room` is one. */
export interface Broadcaster {
  readonly id: string;
  /** Server time, ms since the Unix epoch. */
  nowMs(): number;
  publish(lane: 'value' | 'chat', event: NewEvent): NumberedEvent;
  pulse(event: UnnumberedEvent): void;
}

/** Who asks for something. */
export interface Speaker {
  readonly identity: Identity;
  readonly remoteAddress: string;
}

/**
 * Refuses guests where the room takes none.
 * @throws BarrageError `FORBIDDEN`.
 */
export function requireChatter(speaker: Speaker, guestsMayChat: boolean): void {
  if (speaker.identity.kind === 'token' || guestsMayChat) return;
  throw new BarrageError('FORBIDDEN', 'guests may only watch in this room: a token is needed');
}
