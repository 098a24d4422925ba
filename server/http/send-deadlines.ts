// A deadline for answers that a client takes slowly: each holds the file it sends in memory, also when the stream has
// long gone on.
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Closable } from '../../core/lifecycle.ts';

const SWEEP_MS = 1000;

/** See the head of the file. An answer that the socket took at once costs nothing here. */
export class SendDeadlines implements Closable {
  readonly #timeoutMs: number;
  /** Answers not taken yet, oldest first, with when they were given. */
  readonly #pending = new Map<ServerResponse | Socket, number>();
  #timer: NodeJS.Timeout | undefined;

  /** `timeoutMs`: how long a client may take for one answer. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Answers not taken yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Cuts the connection, or the HTTP/2 stream, when an answer just ended is not taken in time. */
  watch(response: ServerResponse): void {
    if (response.writableLength === 0) return;
    response.once('close', () => this.#pending.delete(response));
    this.#add(response);
  }

  /** Cuts a connection that does not take what was just written to it in time, unless `release` is called before. */
  watchSocket(socket: Socket): void {
    this.#add(socket);
  }

  /** The connection took everything, or is gone. */
  release(socket: Socket): void {
    this.#pending.delete(socket);
  }

  close(_reason: string): void {
    clearInterval(this.#timer);
    this.#pending.clear();
  }

  #add(target: ServerResponse | Socket): void {
    this.#pending.set(target, performance.now());
    this.#timer ??= setInterval(() => this.#sweep(), Math.min(SWEEP_MS, this.#timeoutMs)).unref();
  }

  #sweep(): void {
    const due = performance.now() - this.#timeoutMs;
    for (const [target, sinceMs] of this.#pending) {
      if (sinceMs > due) return;
      this.#pending.delete(target);
      cut(target);
    }
  }
}

function cut(target: ServerResponse | Socket): void {
  // Of HTTP/2's compatibility API only the stream can be destroyed.
  const { stream } = target as { stream?: ServerHttp2Stream };
  if (stream) {
    stream.destroy();
    return;
  }
  const socket = target instanceof Socket ? target : target.socket;
  // A reset: after a mere close the kernel would hold on to what the client does not take.
  if (socket && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
  else target.destroy();
}
