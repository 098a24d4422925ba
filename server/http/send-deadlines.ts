// A deadline for answers that a client takes slowly: each holds the file it sends in memory, also when the stream has
// long gone on.
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Closable } from '../../core/lifecycle.ts';

const SWEEP_MS = 1000;

/** See the head of the file. An answer that the socket took at once costs nothing here. */
export class SendDeadlines implements Closable {
  readonly #timeoutMs: number;
  /** Answers not taken yet, oldest first, with when they were given. */
  readonly #pending = new Map<ServerResponse, number>();
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
    this.#pending.set(response, performance.now());
    response.once('close', () => this.#pending.delete(response));
    this.#timer ??= setInterval(() => this.#sweep(), Math.min(SWEEP_MS, this.#timeoutMs)).unref();
  }

  close(_reason: string): void {
    clearInterval(this.#timer);
    this.#pending.clear();
  }

  #sweep(): void {
    const due = performance.now() - this.#timeoutMs;
    for (const [response, sinceMs] of this.#pending) {
      if (sinceMs > due) return;
      this.#pending.delete(response);
      cut(response);
    }
  }
}

function cut(response: ServerResponse): void {
  const { stream } = response as { stream?: ServerHttp2Stream };
  if (stream) stream.destroy();
  else response.destroy();
}
