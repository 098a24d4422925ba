// The media of all rooms: makes a room's media on first use, lets publishers in by their key, and knows
// the parts they share.

import { BarrageError } from '../../core/errors.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import type { PublishRequest, PublishTarget } from '../../media/ingest/ingest-port.ts';
import type { PublisherDirectory } from '../media-plane.ts';
import type { LivePort, LiveRoomDescription } from './live-port.ts';
import { LiveRoom, type LiveRoomOptions } from './live-room.ts';

export interface LiveServiceOptions {
  readonly directory: PublisherDirectory;
  readonly room: Omit<LiveRoomOptions, 'id' | 'logger'>;
  readonly logger: Logger;
}

/** See {@link LivePort}. */
export class LiveService implements LivePort {
  readonly #options: LiveServiceOptions;
  readonly #rooms = new Map<string, LiveRoom>();
  #state: 'open' | 'draining' | 'closed' = 'open';

  constructor(options: LiveServiceOptions) {
    this.#options = options;
  }

  /**
   * Admission of publishers, for every ingest protocol.
   * @throws BarrageError `UNAUTHORIZED`, `PUBLISHER_EXISTS`, `UNAVAILABLE`.
   */
  async admit(request: PublishRequest, session: Closable): Promise<PublishTarget> {
    if (this.#state !== 'open') throw new BarrageError('UNAVAILABLE', 'the server is shutting down');
    if (request.streamKey === '') throw new BarrageError('UNAUTHORIZED', 'the stream key is missing');
    const room = this.#options.directory.findByStreamKey(request.streamKey);
    if (!room) throw new BarrageError('UNAUTHORIZED', 'the stream key is wrong');
    return this.getRoom(room.id).publish(request, session);
  }

  getRoom(roomId: string): LiveRoom {
    const known = this.#rooms.get(roomId);
    if (known) return known;
    if (this.#state === 'closed') throw new BarrageError('UNAVAILABLE', 'the server is shutting down');
    const room = new LiveRoom({ ...this.#options.room, id: roomId, logger: this.#options.logger });
    this.#rooms.set(roomId, room);
    room.once('closed', () => this.#rooms.delete(roomId));
    return room;
  }

  findRoom(roomId: string): LiveRoom | undefined {
    return this.#rooms.get(roomId);
  }

  removeRoom(roomId: string, reason: string): void {
    this.#rooms
      .get(roomId)
      ?.close(reason)
      .catch((err: unknown) => this.#options.logger.error({ err, room: roomId }, 'room did not close'));
  }

  describe(): readonly LiveRoomDescription[] {
    return [...this.#rooms.values()].map((room) => room.describe());
  }

  /** Lets no more publishers in; those there go on. */
  drain(): void {
    if (this.#state === 'open') this.#state = 'draining';
  }

  async close(reason: string): Promise<void> {
    this.#state = 'closed';
    await Promise.all([...this.#rooms.values()].map((room) => room.close(reason)));
  }
}
