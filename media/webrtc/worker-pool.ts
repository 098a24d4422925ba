// The mediasoup worker processes: one a core, each with its own UDP and TCP port; one that dies is replaced.
import { EventEmitter } from 'node:events';
import { networkInterfaces } from 'node:os';
import * as mediasoup from 'mediasoup';
import { BarrageError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';

/** Options of {@link createWorkerPool}. */
export interface WorkerPoolOptions {
  /** Address to listen on; `0.0.0.0` without an announced address means every IPv4 address of the machine. */
  readonly host: string;
  /** Worker n listens on `port + n`, UDP and TCP; 0 lets the system choose. */
  readonly port: number;
  /** Address or name given to clients in place of `host`. */
  readonly announcedAddress?: string | undefined;
  /** How many workers. */
  readonly workers: number;
  /** Path of the worker binary; default is mediasoup's own or `MEDIASOUP_WORKER_BIN`. */
  readonly workerBin?: string | undefined;
  readonly logger: Logger;
}

/** One worker process and its listening ports. */
export interface PooledWorker {
  /** Position in the pool; a replacement takes over its predecessor's. */
  readonly index: number;
  readonly pid: number;
  readonly worker: mediasoup.types.Worker;
  readonly server: mediasoup.types.WebRtcServer;
  /** Sessions on it; whoever opens or closes one counts. */
  load: number;
}

export interface WorkerPoolEvents {
  /** A process ended that should not have; everything on it is gone and has been told so. */
  workerDied: [index: number, pid: number];
  /** Its replacement is up. */
  workerReplaced: [index: number, pid: number];
}

/**
 * Bytes asked of the kernel, which grants at most `net.core.rmem_max` and `wmem_max`. One socket hears every
 * viewer: while the worker fans a frame out, the acknowledgements of hundreds of data channels come in, and those
 * lost here stall their senders for a retransmission timeout of 400 ms.
 */
const UDP_BUFFERS = { recvBufferSize: 4 * 1024 * 1024, sendBufferSize: 4 * 1024 * 1024 };

const FIRST_RESTART_MS = 50;
const LONGEST_RESTART_MS = 10_000;
/** A worker that lived this long had no fault of its own: its replacement starts without delay. */
const HEALTHY_MS = 30_000;
/** How long a caller waits for a replacement when no worker is up. */
const WAIT_MS = 5_000;

/**
 * Starts the workers and waits until all listen.
 * @throws BarrageError `UNAVAILABLE` when the binary does not run or a port is taken; nothing is left running
 */
export async function createWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const pool = new WorkerPool(options);
  try {
    await pool.start();
  } catch (error) {
    await pool.close('failed to start');
    throw error;
  }
  return pool;
}

/** See {@link createWorkerPool}. */
export class WorkerPool extends EventEmitter<WorkerPoolEvents> {
  readonly #options: WorkerPoolOptions;
  readonly #log: Logger;
  readonly #workers = new Map<number, PooledWorker>();
  readonly #restarts = new Map<number, { timer: NodeJS.Timeout; delayMs: number }>();
  #state: 'open' | 'closed' = 'open';

  constructor(options: WorkerPoolOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#log = options.logger;
  }

  /** The workers that are up. */
  get workers(): readonly PooledWorker[] {
    return [...this.#workers.values()];
  }

  /** Starts every worker; called once by {@link createWorkerPool}. */
  async start(): Promise<void> {
    const indexes = Array.from({ length: this.#options.workers }, (_, index) => index);
    const results = await Promise.allSettled(
      indexes.map((index) => this.#startWorker(index, FIRST_RESTART_MS)),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /**
   * The least loaded worker that is up; waits a little for a replacement when there is none.
   * @throws BarrageError `UNAVAILABLE`
   */
  async pick(): Promise<PooledWorker> {
    if (this.#workers.size === 0 && this.#state === 'open') await this.#waitForWorker();
    let best: PooledWorker | undefined;
    for (const worker of this.#workers.values()) {
      if (!best || worker.load < best.load) best = worker;
    }
    if (!best) throw new BarrageError('UNAVAILABLE', 'no WebRTC worker is running');
    return best;
  }

  /** Whether the worker is still up. */
  isUp(worker: PooledWorker): boolean {
    return this.#workers.get(worker.index) === worker;
  }

  /** Ends the processes. Idempotent; resolves when they are gone. */
  async close(reason: string): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    for (const { timer } of this.#restarts.values()) clearTimeout(timer);
    this.#restarts.clear();
    const workers = this.workers;
    this.#workers.clear();
    this.#log.debug({ reason, workers: workers.length }, 'closing WebRTC workers');
    await Promise.all(workers.map(closeWorker));
    this.emit('workerReplaced', -1, 0);
  }

  async #startWorker(index: number, nextDelayMs: number): Promise<void> {
    const { workerBin } = this.#options;
    const startedAt = performance.now();
    const worker = await wrapStart(
      mediasoup.createWorker({ logLevel: 'error', ...(workerBin ? { workerBin } : {}) }),
    );
    let server: mediasoup.types.WebRtcServer;
    try {
      server = await worker.createWebRtcServer({ listenInfos: listenInfos(this.#options, index) });
    } catch (cause) {
      await closeWorker({ worker });
      const port = this.#options.port === 0 ? 'a free port' : `port ${this.#options.port + index}`;
      throw new BarrageError('UNAVAILABLE', `WebRTC cannot listen on ${this.#options.host}, ${port}`, {
        cause,
      });
    }
    if (this.#state === 'closed') return closeWorker({ worker });
    const pooled: PooledWorker = { index, pid: worker.pid, worker, server, load: 0 };
    this.#workers.set(index, pooled);
    worker.on('died', () => this.#handleDeath(pooled, performance.now() - startedAt, nextDelayMs));
  }

  #handleDeath(worker: PooledWorker, livedMs: number, nextDelayMs: number): void {
    if (!this.isUp(worker)) return;
    this.#workers.delete(worker.index);
    this.#log.error(
      { worker: worker.index, pid: worker.pid, livedMs: Math.round(livedMs) },
      'WebRTC worker died',
    );
    this.emit('workerDied', worker.index, worker.pid);
    this.#scheduleRestart(worker.index, livedMs > HEALTHY_MS ? FIRST_RESTART_MS : nextDelayMs);
  }

  #scheduleRestart(index: number, delayMs: number): void {
    if (this.#state === 'closed') return;
    const timer = setTimeout(() => void this.#restart(index, delayMs), delayMs);
    this.#restarts.set(index, { timer, delayMs });
  }

  async #restart(index: number, delayMs: number): Promise<void> {
    this.#restarts.delete(index);
    const nextDelayMs = Math.min(delayMs * 2, LONGEST_RESTART_MS);
    try {
      await this.#startWorker(index, nextDelayMs);
      const pid = this.#workers.get(index)?.pid;
      if (pid === undefined) return;
      this.#log.info({ worker: index, pid }, 'WebRTC worker replaced');
      this.emit('workerReplaced', index, pid);
    } catch (error) {
      this.#log.error({ worker: index, err: error }, 'WebRTC worker did not start');
      this.#scheduleRestart(index, nextDelayMs);
    }
  }

  #waitForWorker(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.off('workerReplaced', done);
        resolve();
      };
      const timer = setTimeout(done, WAIT_MS);
      this.on('workerReplaced', done);
    });
  }
}

async function wrapStart(start: Promise<mediasoup.types.Worker>): Promise<mediasoup.types.Worker> {
  try {
    return await start;
  } catch (cause) {
    throw new BarrageError('UNAVAILABLE', 'the mediasoup worker does not start', { cause });
  }
}

async function closeWorker({ worker }: { worker: mediasoup.types.Worker }): Promise<void> {
  if (worker.subprocessClosed) return;
  const gone = new Promise<void>((resolve) => worker.once('subprocessclose', () => resolve()));
  worker.close();
  await gone;
}

function listenInfos(options: WorkerPoolOptions, index: number): mediasoup.types.TransportListenInfo[] {
  const { host, port, announcedAddress } = options;
  const wildcard = host === '0.0.0.0' || host === '::';
  const addresses = wildcard && announcedAddress === undefined ? ownAddresses() : [host];
  const protocols = ['udp', 'tcp'] as const;
  return addresses.flatMap((ip) =>
    protocols.map((protocol) => ({
      ...{ protocol, ip, ...(announcedAddress === undefined ? {} : { announcedAddress }) },
      ...(protocol === 'udp' ? UDP_BUFFERS : {}),
      ...(port === 0 ? {} : { port: port + index }),
    })),
  );
}

// A wildcard is no address a client could connect to, so each real one is bound and offered.
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const usable = all.filter((each) => each.family === 'IPv4');
  const outside = usable.filter((each) => !each.internal);
  return [...outside, ...usable.filter((each) => each.internal)].map((each) => each.address);
}
