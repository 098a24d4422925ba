// A room's outlets: made when a viewer needs one, shared, kept a while when idle, bounded in number.

import { BarrageError } from '../../core/errors.ts';
import type { RtpStream } from '../rtp/rtp-stream.ts';
import type { DataLane } from './data-lanes.ts';
import { createOutlet, type Outlet } from './outlet.ts';
import { mappingServes, type PayloadMapping } from './payload-mapping.ts';
import type { PooledWorker, WorkerPool } from './worker-pool.ts';

/** What an {@link OutletPool} is made with. */
export interface OutletPoolOptions {
  readonly pool: WorkerPool;
  readonly cname: string;
  readonly ssrcs: { readonly video: readonly number[]; readonly audio: number };
  readonly clockOffsets: { readonly audio: number; readonly video: number };
  readonly limits: {
    readonly maxOutlets: number;
    readonly outletIdleMs: number;
    readonly sessionsPerWorker: number;
  };
  /** Told whether there is any outlet to send to. */
  readonly onDemand: (on: boolean) => void;
}

/** An outlet held for a session being opened: given back at disposal unless kept. */
export interface OutletLease extends AsyncDisposable {
  readonly outlet: Outlet;
  /** Keeps it beyond disposal; answers what gives it back. */
  keep(): () => void;
}

interface Entry {
  readonly worker: PooledWorker;
  readonly mapping: PayloadMapping;
  readonly outlet: Promise<Outlet>;
  /** Set once `outlet` has resolved. */
  ready: Outlet | undefined;
  users: number;
  idleTimer: NodeJS.Timeout | undefined;
}

/** See the head of this file. */
export class OutletPool {
  readonly #options: OutletPoolOptions;
  readonly #entries = new Set<Entry>();
  #state: 'open' | 'closed' = 'open';

  constructor(options: OutletPoolOptions) {
    this.#options = options;
  }

  /** Outlets, in use or idle. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * An outlet whose router uses the given payload types, on a worker with room.
   * @throws BarrageError `OVERLOADED` when it would be one too many, `UNAVAILABLE` when no worker is up
   */
  async lease(mapping: PayloadMapping): Promise<OutletLease> {
    const worker = await this.#chooseWorker();
    const entry = this.#find(worker, mapping) ?? this.#create(worker, mapping);
    const release = this.#use(entry);
    try {
      const outlet = await entry.outlet;
      let kept = false;
      return {
        outlet,
        keep: () => {
          kept = true;
          outlet.sessions++;
          return () => {
            outlet.sessions--;
            release();
          };
        },
        [Symbol.asyncDispose]: async () => {
          if (!kept) release();
        },
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Sends one unit's packets through every outlet. */
  send(
    kind: 'audio' | 'video',
    stream: RtpStream,
    unit: { packets: readonly Buffer[]; nowUs: number },
  ): void {
    for (const entry of this.#entries) entry.ready?.send(kind, stream, unit);
  }

  /** Sends a frame through every outlet; encoded once. */
  broadcast(lane: DataLane, frame: string): void {
    if (this.#entries.size === 0) return;
    const bytes = Buffer.from(frame);
    for (const entry of this.#entries) entry.ready?.broadcast(lane, bytes);
  }

  /** Closes every outlet. Idempotent. */
  close(reason: string): void {
    this.#state = 'closed';
    for (const entry of [...this.#entries]) this.#drop(entry, reason);
  }

  // The room stays together on one worker until that has its share: each further outlet costs a copy of
  // every packet.
  async #chooseWorker(): Promise<PooledWorker> {
    const users = new Map<PooledWorker, number>();
    for (const { worker, users: count } of this.#entries) users.set(worker, (users.get(worker) ?? 0) + count);
    for (const [worker, count] of users) {
      if (this.#options.pool.isUp(worker) && count < this.#options.limits.sessionsPerWorker) return worker;
    }
    return this.#options.pool.pick();
  }

  #find(worker: PooledWorker, mapping: PayloadMapping): Entry | undefined {
    return [...this.#entries].find((each) => {
      return each.worker === worker && mappingServes(each.ready?.mapping ?? each.mapping, mapping);
    });
  }

  #create(worker: PooledWorker, mapping: PayloadMapping): Entry {
    if (this.#state === 'closed') throw new BarrageError('UNAVAILABLE', 'the room is closed');
    if (this.#entries.size >= this.#options.limits.maxOutlets) this.#evictIdle();
    const { ssrcs, cname, clockOffsets } = this.#options;
    const streams = { cname, clockOffsets, videoSsrcs: ssrcs.video, audioSsrc: ssrcs.audio };
    const outlet = createOutlet({ worker, mapping, ...streams });
    const entry: Entry = { worker, mapping, outlet, ready: undefined, users: 0, idleTimer: undefined };
    this.#entries.add(entry);
    outlet.then(
      (ready) => this.#open(entry, ready),
      () => this.#drop(entry, 'failed to open'),
    );
    return entry;
  }

  #open(entry: Entry, outlet: Outlet): void {
    if (!this.#entries.has(entry)) {
      outlet.close('not wanted any more');
      return;
    }
    entry.ready = outlet;
    outlet.once('closed', (reason) => this.#drop(entry, reason));
    this.#options.onDemand(true);
  }

  #evictIdle(): void {
    const idle = [...this.#entries].find((entry) => entry.users === 0);
    if (!idle) {
      const { maxOutlets } = this.#options.limits;
      throw new BarrageError('OVERLOADED', `viewers use ${maxOutlets} sets of payload types already`);
    }
    this.#drop(idle, 'evicted');
  }

  #use(entry: Entry): () => void {
    clearTimeout(entry.idleTimer);
    entry.users++;
    entry.worker.load++;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      entry.users--;
      entry.worker.load--;
      if (entry.users > 0 || !this.#entries.has(entry)) return;
      entry.idleTimer = setTimeout(() => this.#drop(entry, 'idle'), this.#options.limits.outletIdleMs);
    };
  }

  #drop(entry: Entry, reason: string): void {
    clearTimeout(entry.idleTimer);
    if (!this.#entries.delete(entry)) return;
    entry.ready?.close(reason);
    if (![...this.#entries].some((each) => each.ready)) this.#options.onDemand(false);
  }
}
