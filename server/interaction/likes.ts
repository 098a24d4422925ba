// Likes: an exact total for each room that outlives a restart, sent as a total so that a lost frame does no harm.
import type { Methods } from '../protocol/wire.ts';
import type { RateLimiter } from './rate-limit.ts';
import { type Broadcaster, requireChatter, type Speaker } from './room-ports.ts';

/** Where totals are kept. `RoomStore` is one. */
export interface LikesStore {
  getLikes(roomId: string): number;
  setLikes(roomId: string, total: number): void;
}

export interface LikesOptions {
  readonly room: Broadcaster;
  readonly store: LikesStore;
  readonly limiter: RateLimiter;
  readonly guestsMayChat: () => boolean;
}

/** Likes of one room. `save` writes the total when it changed; the owner calls it now and then, and at the end. */
export class Likes {
  readonly #options: LikesOptions;
  #total: number;
  #savedTotal: number;

  constructor(options: LikesOptions) {
    this.#options = options;
    this.#total = options.store.getLikes(options.room.id);
    this.#savedTotal = this.#total;
  }

  get total(): number {
    return this.#total;
  }

  /** @throws BarrageError `FORBIDDEN`, `BAD_REQUEST`, `RATE_LIMITED`; then none of `count` is counted. */
  send(speaker: Speaker, params: Methods['like.send']['params']): Methods['like.send']['result'] {
    const { room, limiter } = this.#options;
    requireChatter(speaker, this.#options.guestsMayChat());
    const key = `${room.id}|${speaker.identity.user.id}`;
    limiter.spend(key, params.count, { nowMs: room.nowMs(), what: 'likes' });
    this.#total += params.count;
    room.pulse({ type: 'likes', total: this.#total });
    return { total: this.#total };
  }

  save(): void {
    if (this.#total === this.#savedTotal) return;
    this.#options.store.setLikes(this.#options.room.id, this.#total);
    this.#savedTotal = this.#total;
  }
}
