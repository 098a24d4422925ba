// The live rooms of this server: opened when somebody comes, closed when nobody has been there for a while.
import type { Closable } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import {
  createDanmakuLimits,
  Danmaku,
  type DanmakuLimits,
  type DanmakuSettings,
} from '../interaction/danmaku.ts';
import { Likes, type LikesStore } from '../interaction/likes.ts';
import { type Rate, RateLimiter } from '../interaction/rate-limit.ts';
import { announceStream } from '../interaction/stream-state.ts';
import { Viewers } from '../interaction/viewers.ts';
import type { LivePort } from '../live/live-port.ts';
import type { Meter } from '../meter.ts';
import { Room, type RoomTiming } from './room.ts';
import type { RoomRecord } from './room-record.ts';
import type { RoomRegistry } from './room-registry.ts';

/** How often totals are saved and the absent forgotten, ms. */
const SWEEP_MS = 1000;

/** An empty room stays open at least this long, ms: longer than any connection may take to say hello. */
const MIN_IDLE_MS = 150_000;

/** Reason a room is closed with when its record is deleted. */
export const ROOM_DELETED = 'room deleted';

/** Settings of everything in a room. */
export interface OpenRoomSettings {
  readonly timing: RoomTiming;
  readonly danmaku: DanmakuSettings;
  readonly likes: Rate;
  readonly viewersMs: number;
  readonly guestsMayChat: boolean;
}

export interface OpenRoomsOptions {
  readonly registry: RoomRegistry;
  readonly store: LikesStore;
  readonly live: LivePort;
  readonly settings: OpenRoomSettings;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

/** A live room with its features. */
export interface OpenRoom {
  readonly room: Room;
  readonly danmaku: Danmaku;
  readonly likes: Likes;
  readonly viewers: Viewers;
  /** The room's record as it is now. */
  record(): RoomRecord;
}

interface Entry extends OpenRoom {
  /** When the room was last seen with somebody in it. */
  lastBusyMs: number;
}

/** Opens, finds and closes live rooms; owns them. */
export class OpenRooms implements Closable {
  readonly #options: OpenRoomsOptions;
  readonly #rooms = new Map<string, Entry>();
  readonly #danmakuLimits: DanmakuLimits;
  readonly #likesLimiter: RateLimiter;
  readonly #sweepTimer: NodeJS.Timeout;
  readonly #onDeleted = (id: string) => this.#removeDeleted(id);

  constructor(options: OpenRoomsOptions) {
    const { settings } = options;
    this.#options = options;
    this.#danmakuLimits = createDanmakuLimits(settings.danmaku);
    this.#likesLimiter = new RateLimiter(settings.likes, settings.danmaku.maxRateKeys);
    this.#sweepTimer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
    options.registry.on('deleted', this.#onDeleted);
  }

  /** The live room, opened when it is not yet. @throws BarrageError `ROOM_NOT_FOUND`. */
  open(id: string): OpenRoom {
    this.#options.registry.require(id);
    const found = this.#rooms.get(id);
    if (found) {
      found.lastBusyMs = this.#options.nowMs();
      return found;
    }
    const entry = this.#create(id);
    this.#rooms.set(id, entry);
    return entry;
  }

  find(id: string): OpenRoom | undefined {
    return this.#rooms.get(id);
  }

  list(): OpenRoom[] {
    return [...this.#rooms.values()];
  }

  close(reason: string): void {
    clearInterval(this.#sweepTimer);
    this.#options.registry.off('deleted', this.#onDeleted);
    for (const id of [...this.#rooms.keys()]) this.#closeRoom(id, reason);
  }

  #create(id: string): Entry {
    const { live, settings, meter, nowMs, registry, store } = this.#options;
    const room = new Room({ id, live: live.getRoom(id), timing: settings.timing, meter, nowMs });
    const record = () => registry.require(id);
    const guestsMayChat = () => record().settings.guestsMayChat ?? settings.guestsMayChat;
    announceStream(room);
    return {
      room,
      record,
      danmaku: new Danmaku({
        room,
        settings: settings.danmaku,
        limits: this.#danmakuLimits,
        guestsMayChat,
        liveEdgeMs: () => room.live.liveEdgeMs,
      }),
      likes: new Likes({ room, store, limiter: this.#likesLimiter, guestsMayChat }),
      viewers: new Viewers(room, settings.viewersMs),
      lastBusyMs: nowMs(),
    };
  }

  #sweep(): void {
    const nowMs = this.#options.nowMs();
    const idleMs = Math.max(MIN_IDLE_MS, this.#options.settings.timing.historyMs);
    for (const [id, entry] of this.#rooms) {
      entry.likes.save();
      entry.room.presence.sweep(nowMs);
      if (entry.room.memberCount > 0 || entry.viewers.count > 0) entry.lastBusyMs = nowMs;
      else if (nowMs - entry.lastBusyMs > idleMs) this.#closeRoom(id, 'idle');
    }
  }

  #removeDeleted(id: string): void {
    this.#closeRoom(id, ROOM_DELETED);
    this.#options.live.removeRoom(id, ROOM_DELETED);
  }

  #closeRoom(id: string, reason: string): void {
    const entry = this.#rooms.get(id);
    if (!entry) return;
    this.#rooms.delete(id);
    entry.likes.save();
    entry.room.close(reason);
    this.#options.logger.debug({ room: id, reason }, 'room closed');
  }
}
