// The WebRTC part of the media plane: workers, and the rooms on them. What a server makes one of.
import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';
import { setLogEventListeners } from 'mediasoup';
import type { Clock } from '../../core/clock.ts';
import { BarrageError } from '../../core/errors.ts';
import { WebRtcRoom, type WebRtcRoomDescription, type WebRtcRoomLimits } from './webrtc-room.ts';
import { createWorkerPool, type WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

/** Options of {@link createWebRtcPlane}. */
export interface WebRtcPlaneOptions extends Omit<WorkerPoolOptions, 'workers'> {
  /** Default: one a core. */
  readonly workers?: number | undefined;
  /** Sessions over all rooms. Default 2,000. */
  readonly maxSessions?: number | undefined;
  readonly roomLimits?: Partial<WebRtcRoomLimits> | undefined;
  /** The media clock; default the process's. */
  readonly clock?: Clock | undefined;
}

export interface WebRtcPlaneEvents {
  /** A worker process died; its sessions have been closed, a replacement is on its way. */
  workerDied: [index: number, pid: number];
  workerReplaced: [index: number, pid: number];
}

/** Plain snapshot of the plane. */
export interface WebRtcPlaneDescription {
  readonly workers: readonly { readonly index: number; readonly pid: number; readonly sessions: number }[];
  readonly workersDied: number;
  readonly sessions: number;
  /** Bytes sent to viewers since the start, as of the last sampling (every 5 s). */
  readonly bytesSent: number;
  readonly rooms: readonly WebRtcRoomDescription[];
}

const DEFAULT_MAX_SESSIONS = 2000;
const STATS_INTERVAL_MS = 5_000;

/**
 * Starts the workers.
 * @throws BarrageError `UNAVAILABLE` when the worker does not run or a port is taken
 */
export async function createWebRtcPlane(options: WebRtcPlaneOptions): Promise<WebRtcPlane> {
  // mediasoup's own log is one for the process; what it says at debug level is for its developers.
  setLogEventListeners({
    onwarn: (namespace, log) => options.logger.debug({ namespace }, log),
    onerror: (namespace, log, error) => options.logger.warn({ namespace, err: error }, log),
  });
  const pool = await createWorkerPool({ ...options, workers: options.workers ?? availableParallelism() });
  return new WebRtcPlane(options, pool);
}

/** See {@link createWebRtcPlane}. */
export class WebRtcPlane extends EventEmitter<WebRtcPlaneEvents> {
  readonly #options: WebRtcPlaneOptions;
  readonly #pool: WorkerPool;
  readonly #rooms = new Map<string, WebRtcRoom>();
  readonly #statsTimer: NodeJS.Timeout;
  #workersDied = 0;
  #refreshing = false;
  #bytesOfClosedRooms = 0;
  #state: 'open' | 'closed' = 'open';

  constructor(options: WebRtcPlaneOptions, pool: WorkerPool) {
    super();
    this.#options = options;
    this.#pool = pool;
    pool.on('workerDied', (index, pid) => {
      this.#workersDied++;
      this.emit('workerDied', index, pid);
    });
    pool.on('workerReplaced', (index, pid) => {
      if (index >= 0) this.emit('workerReplaced', index, pid);
    });
    this.#statsTimer = setInterval(() => void this.#refreshStats(), STATS_INTERVAL_MS);
    this.#statsTimer.unref();
  }

  /** The pool, for dumps and tests. */
  get pool(): WorkerPool {
    return this.#pool;
  }

  /** Sessions over all rooms. */
  get sessionCount(): number {
    let count = 0;
    for (const room of this.#rooms.values()) count += room.sessionCount;
    return count;
  }

  /**
   * Opens a room. It costs nothing in the workers until a viewer comes.
   * @throws BarrageError `CONFLICT` when it is open already or the plane is closed
   */
  async openRoom(roomId: string): Promise<WebRtcRoom> {
    if (this.#state === 'closed') throw new BarrageError('CONFLICT', 'the WebRTC plane is closed');
    if (this.#rooms.has(roomId)) throw new BarrageError('CONFLICT', `room ${roomId} is open already`);
    const room = new WebRtcRoom({
      id: roomId,
      pool: this.#pool,
      logger: this.#options.logger,
      limits: this.#options.roomLimits,
      clock: this.#options.clock,
      admit: () => this.#admit(),
    });
    this.#rooms.set(roomId, room);
    room.once('closed', () => {
      this.#bytesOfClosedRooms += room.describe().bytesSent;
      this.#rooms.delete(roomId);
    });
    return room;
  }

  findRoom(roomId: string): WebRtcRoom | undefined {
    return this.#rooms.get(roomId);
  }

  /** Plain snapshot for metrics. */
  describe(): WebRtcPlaneDescription {
    const rooms = [...this.#rooms.values()].map((room) => room.describe());
    return {
      workers: this.#pool.workers.map(({ index, pid, load }) => ({ index, pid, sessions: load })),
      workersDied: this.#workersDied,
      sessions: this.sessionCount,
      bytesSent: rooms.reduce((sum, room) => sum + room.bytesSent, this.#bytesOfClosedRooms),
      rooms,
    };
  }

  /** Closes the rooms and ends the workers. Idempotent; resolves when the processes are gone. */
  async close(reason: string): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearInterval(this.#statsTimer);
    for (const room of [...this.#rooms.values()]) room.close(reason);
    await this.#pool.close(reason);
    this.removeAllListeners();
  }

  #admit(): void {
    const limit = this.#options.maxSessions ?? DEFAULT_MAX_SESSIONS;
    if (this.sessionCount >= limit)
      throw new BarrageError('OVERLOADED', `the server has its ${limit} WebRTC viewers`);
  }

  // One session after the other: figures for a dashboard are not worth a burst of requests to the worker.
  async #refreshStats(): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    for (const room of [...this.#rooms.values()]) {
      for (const session of room.listSessions()) await session.refreshStats();
    }
    this.#refreshing = false;
  }
}
