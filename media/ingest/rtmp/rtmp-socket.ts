// The socket of one connection: bounded writing, and a close that really is one. Knows nothing of RTMP.
import type { Socket } from 'node:net';

/** What a {@link RtmpSocket} needs. `onData` may throw nothing; `onGone` comes once, when the socket is closed. */
export interface RtmpSocketOptions {
  readonly maxWriteBytes: number;
  readonly flushTimeoutMs: number;
  readonly onData: (data: Buffer) => void;
  readonly onGone: (error: Error | undefined) => void;
}

/** Owns a socket from accept to destroy. */
export class RtmpSocket {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #options: RtmpSocketOptions;
  #flushTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;

  constructor(socket: Socket, options: RtmpSocketOptions) {
    this.#socket = socket;
    this.#options = options;
    this.remoteAddress = socket.remoteAddress ?? 'unknown';
    socket.setNoDelay(true);
    socket.on('data', options.onData);
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.once('close', () => {
      clearTimeout(this.#flushTimer);
      options.onGone(this.#error);
    });
  }

  /** Writes; false, with nothing written, when the client has stopped reading and the bound is reached. */
  write(data: Buffer): boolean {
    if (!this.#socket.writable) return true;
    if (this.#socket.writableLength + data.length > this.#options.maxWriteBytes) return false;
    this.#socket.write(data);
    return true;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /**
   * Destroys the socket: at once, or after what was written got out and the client has closed its side, at
   * the latest after the flush deadline. What still comes in is thrown away unread: closing on unread bytes
   * would reset the connection and take the last status with it.
   */
  close(mode: 'now' | 'flush'): void {
    if (this.#socket.destroyed) return;
    this.#socket.off('data', this.#options.onData);
    if (mode === 'now') {
      this.#socket.destroy();
      return;
    }
    this.#socket.end();
    this.#socket.resume();
    this.#flushTimer ??= setTimeout(() => this.#socket.destroy(), this.#options.flushTimeoutMs);
  }
}
