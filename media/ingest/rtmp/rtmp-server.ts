// The RTMP ingest: listens, counts connections against its bounds, and owns their sessions. All state is the
// server's own; two of them live in one process.
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { BarrageError } from '../../../core/errors.ts';
import type { Closable } from '../../../core/lifecycle.ts';
import { type Logger, silentLogger } from '../../../core/logger.ts';
import type { AdmitPublisher } from '../ingest-port.ts';
import { RTMP_LIMITS, type RtmpLimits } from './rtmp-limits.ts';
import { RtmpSession } from './rtmp-session.ts';
import { type CloseCode, RtmpCounters, type RtmpStats } from './rtmp-stats.ts';

/** Options of {@link createRtmpServer}. Port 0 takes a free one. */
export interface RtmpServerOptions {
  readonly host: string;
  readonly port: number;
  /** Application name that publishers must use; `live`. */
  readonly app?: string;
  readonly admit: AdmitPublisher;
  readonly limits?: Partial<RtmpLimits>;
  readonly logger?: Logger;
}

/**
 * Opens an RTMP server.
 * @throws BarrageError `CONFLICT` when the port is taken, `UNAVAILABLE` when it cannot be opened otherwise
 */
export async function createRtmpServer(options: RtmpServerOptions): Promise<RtmpServer> {
  const listener = createServer();
  await listen(listener, options);
  // Still in the turn of `listening`: no connection can have come yet.
  return new RtmpServer(listener, options);
}

function listen(listener: Server, { host, port }: RtmpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException): void => {
      const taken = cause.code === 'EADDRINUSE';
      const message = taken
        ? `RTMP port ${host}:${port} is taken; stop the program that uses it or set another rtmp.port`
        : `RTMP port ${host}:${port} cannot be opened: ${cause.message}`;
      reject(new BarrageError(taken ? 'CONFLICT' : 'UNAVAILABLE', message, { cause }));
    };
    listener.once('error', fail);
    listener.listen({ host, port }, () => {
      listener.off('error', fail);
      resolve();
    });
  });
}

/** A listening RTMP server. Make one with {@link createRtmpServer}. */
export class RtmpServer implements Closable, AsyncDisposable {
  readonly #listener: Server;
  readonly #options: RtmpServerOptions;
  readonly #limits: RtmpLimits;
  readonly #logger: Logger;
  readonly #counters = new RtmpCounters();
  readonly #sessions = new Set<RtmpSession>();
  readonly #perAddress = new Map<string, number>();
  #state: 'open' | 'draining' | 'closed' = 'open';
  #stopped: PromiseWithResolvers<void> | undefined;

  constructor(listener: Server, options: RtmpServerOptions) {
    this.#listener = listener;
    this.#options = options;
    this.#limits = { ...RTMP_LIMITS, ...options.limits };
    this.#logger = (options.logger ?? silentLogger).child({ part: 'rtmp' });
    listener.on('connection', (socket) => this.#accept(socket));
    listener.on('error', (err) => this.#logger.error({ err }, 'RTMP listener failed'));
  }

  /** Where it listens. */
  get address(): { readonly host: string; readonly port: number } {
    const address = this.#listener.address() as AddressInfo | null;
    return { host: address?.address ?? this.#options.host, port: address?.port ?? this.#options.port };
  }

  /** Counters and live connections, for metrics and the API. */
  describe(): RtmpStats {
    const publishing = [...this.#sessions].filter((session) => session.publishing).length;
    return this.#counters.describe({ open: this.#sessions.size, publishing });
  }

  /** Memory held for messages that are not complete yet, over all connections. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const session of this.#sessions) bytes += session.bufferedBytes;
    return bytes;
  }

  /** Takes no new connections and drops those that do not publish; resolves when the last publisher left. */
  drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining';
    for (const session of this.#sessions) if (!session.publishing) session.close('draining', 'draining');
    return this.#stopListening();
  }

  /** Ends every connection with `reason` and resolves when all sockets are closed. Idempotent. */
  close(reason: string): Promise<void> {
    this.#state = 'closed';
    for (const session of this.#sessions) session.close(reason, 'shutdown');
    return this.#stopListening();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close('disposed');
  }

  /** Resolves once the port is closed and the last session is over, which the flush deadline bounds. */
  #stopListening(): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = Promise.withResolvers<void>();
      this.#listener.close(() => this.#checkStopped());
    }
    return this.#stopped.promise;
  }

  // net.Server calls back when its last socket is closed, but before that socket has said so itself.
  #checkStopped(): void {
    if (!this.#listener.listening && this.#sessions.size === 0) this.#stopped?.resolve();
  }

  #accept(socket: Socket): void {
    const address = socket.remoteAddress ?? 'unknown';
    const refusal = this.#refusalOf(address);
    if (refusal) {
      this.#counters.countClosed(refusal);
      this.#logger.warn({ remoteAddress: address, code: refusal }, 'RTMP connection refused');
      // Nobody listens to this socket's errors any more.
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    this.#counters.accepted++;
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    const session = new RtmpSession(socket, {
      app: this.#options.app ?? 'live',
      admit: this.#options.admit,
      limits: this.#limits,
      logger: this.#logger,
      counters: this.#counters,
      onClosed: (closed) => this.#release(closed, address),
    });
    this.#sessions.add(session);
  }

  #refusalOf(address: string): CloseCode | undefined {
    if (this.#state !== 'open') return 'draining';
    if (this.#sessions.size >= this.#limits.maxConnections) return 'too_many_connections';
    const fromAddress = this.#perAddress.get(address) ?? 0;
    return fromAddress >= this.#limits.maxConnectionsPerAddress ? 'too_many_per_address' : undefined;
  }

  #release(session: RtmpSession, address: string): void {
    this.#sessions.delete(session);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
    this.#checkStopped();
  }
}
