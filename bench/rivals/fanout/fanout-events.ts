// The danmaku events rivals send: the same object, with the same fields, as this project's server makes of one.
import { randomUUID } from 'node:crypto';
import type { EventFrame, NumberedEvent, UserInfo } from '../../../server/protocol/wire.ts';

/** Makes events with rising numbers. */
export class FanoutEvents {
  readonly #epoch = randomUUID().slice(0, 8);
  #offset = 0;

  /** The number of the newest event; 0 when there is none. */
  get offset(): number {
    return this.#offset;
  }

  /** An event of what somebody said. */
  next(text: string, user: UserInfo): NumberedEvent {
    const at = Date.now();
    const numbered = { offset: ++this.#offset, id: randomUUID().slice(0, 26), at };
    const look = { mode: 'scroll', color: '#ffffff', size: 'normal' } as const;
    return { type: 'danmaku', ...numbered, mediaTimeMs: at, user, text, ...look };
  }

  frame(events: readonly NumberedEvent[]): EventFrame {
    return { epoch: this.#epoch, events };
  }
}

/** Somebody who said nothing of who he is. */
export function createGuest(): UserInfo {
  const id = randomUUID().slice(0, 8);
  return { id: `guest-${id}`, name: `Guest ${id.slice(-4)}`, role: 'viewer' };
}
