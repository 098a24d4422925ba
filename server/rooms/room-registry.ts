// Which rooms exist, and which one a stream key opens. Records only; the live rooms are in open-rooms.ts.
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { BarrageError } from '../../core/errors.ts';
import { createSecret, createShortId, ROOM_ID_PATTERN } from '../../core/ids.ts';
import type { RoomRecord, RoomSettings } from './room-record.ts';
import type { RoomStore } from './room-store.ts';

export interface RoomRegistryEvents {
  created: [record: RoomRecord];
  changed: [record: RoomRecord];
  deleted: [id: string];
}

/** What a new room may be given. */
export interface NewRoom {
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  readonly settings?: Partial<RoomSettings> | undefined;
}

/** What may change of a room. */
export interface RoomPatch {
  readonly title?: string | undefined;
  readonly settings?: Partial<RoomSettings> | undefined;
}

/** Every room there is, in memory, written through to the store. */
export class RoomRegistry extends EventEmitter<RoomRegistryEvents> {
  readonly #store: RoomStore;
  readonly #maxRooms: number;
  readonly #rooms = new Map<string, RoomRecord>();
  /** Room ids by the hash of their key: the time a look-up takes then tells nothing about any key. */
  readonly #idsByKeyHash = new Map<string, string>();

  constructor(store: RoomStore, maxRooms: number) {
    super();
    this.#store = store;
    this.#maxRooms = maxRooms;
    for (const record of store.list()) this.#remember(record);
  }

  get size(): number {
    return this.#rooms.size;
  }

  /** Every room, oldest first. */
  list(): RoomRecord[] {
    return [...this.#rooms.values()];
  }

  find(id: string): RoomRecord | undefined {
    return this.#rooms.get(id);
  }

  /** @throws BarrageError `ROOM_NOT_FOUND`. */
  require(id: string): RoomRecord {
    const record = this.#rooms.get(id);
    if (!record) throw new BarrageError('ROOM_NOT_FOUND', `there is no room "${id}"`);
    return record;
  }

  /** The room a stream key opens. */
  findByStreamKey(streamKey: string): RoomRecord | undefined {
    const id = this.#idsByKeyHash.get(hashKey(streamKey));
    return id === undefined ? undefined : this.#rooms.get(id);
  }

  /** @throws BarrageError `CONFLICT` when the id is taken, `BAD_REQUEST` when it is none, `OVERLOADED` when full. */
  create(room: NewRoom): RoomRecord {
    const id = room.id ?? createShortId();
    if (!ROOM_ID_PATTERN.test(id)) throw new BarrageError('BAD_REQUEST', `"${id}" is not a room id`);
    if (this.#rooms.has(id)) throw new BarrageError('CONFLICT', `room "${id}" exists already`);
    if (this.#rooms.size >= this.#maxRooms) {
      throw new BarrageError('OVERLOADED', `there are ${this.#maxRooms} rooms already (room.maxRooms)`);
    }
    const record: RoomRecord = {
      id,
      title: room.title ?? id,
      streamKey: createSecret(),
      createdAt: Date.now(),
      settings: { private: false, ...room.settings },
    };
    this.#store.insert(record);
    this.#remember(record);
    this.emit('created', record);
    return record;
  }

  /** @throws BarrageError `ROOM_NOT_FOUND`. */
  patch(id: string, patch: RoomPatch): RoomRecord {
    const old = this.require(id);
    return this.#replace(old, {
      ...old,
      title: patch.title ?? old.title,
      settings: { ...old.settings, ...patch.settings },
    });
  }

  /** Gives a room a new stream key; the old one opens nothing from then on. @throws BarrageError `ROOM_NOT_FOUND`. */
  rotateStreamKey(id: string): RoomRecord {
    const old = this.require(id);
    return this.#replace(old, { ...old, streamKey: createSecret() });
  }

  /** @throws BarrageError `ROOM_NOT_FOUND`. */
  delete(id: string): void {
    const record = this.require(id);
    this.#store.delete(id);
    this.#rooms.delete(id);
    this.#idsByKeyHash.delete(hashKey(record.streamKey));
    this.emit('deleted', id);
  }

  #replace(old: RoomRecord, record: RoomRecord): RoomRecord {
    this.#store.update(record);
    this.#idsByKeyHash.delete(hashKey(old.streamKey));
    this.#remember(record);
    this.emit('changed', record);
    return record;
  }

  #remember(record: RoomRecord): void {
    this.#rooms.set(record.id, record);
    this.#idsByKeyHash.set(hashKey(record.streamKey), record.id);
  }
}

function hashKey(streamKey: string): string {
  return createHash('sha256').update(streamKey).digest('base64');
}
