// The viewer count, sent when it changed and not too often. Who counts is decided in rooms/presence.ts.
import type { Room } from '../rooms/room.ts';

/** Tells everyone in a room how many they are; ends with the room. */
export class Viewers {
  readonly #room: Room;
  readonly #intervalMs: number;
  #sentCount = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(room: Room, intervalMs: number) {
    this.#room = room;
    this.#intervalMs = intervalMs;
    room.on('presence', () => this.#arm());
    room.on('closed', () => clearTimeout(this.#timer));
  }

  get count(): number {
    return this.#room.presence.counts().total;
  }

  #arm(): void {
    if (this.#timer) return;
    const waitMs = Math.max(0, this.#lastMs + this.#intervalMs - this.#room.nowMs());
    this.#timer = setTimeout(() => this.#send(), waitMs);
  }

  #send(): void {
    this.#timer = undefined;
    this.#lastMs = this.#room.nowMs();
    const { count } = this;
    if (count === this.#sentCount) return;
    this.#sentCount = count;
    this.#room.pulse({ type: 'viewers', count });
  }
}
