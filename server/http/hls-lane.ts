// The short way of connections that fetch nothing but HLS files: their plain requests are answered on the socket,
// without Node's HTTP server, at nearly three times its speed. At the first request that is anything else the
// connection becomes an ordinary one of that server, with that request, for good.
import type { Socket } from 'node:net';
import type { Closable } from '../../core/lifecycle.ts';
import { type HlsForm, writeForm } from './hls-answer.ts';
import { MAX_PLAIN_BYTES, readPlainRequest } from './plain-request.ts';
import type { SendDeadlines } from './send-deadlines.ts';

/** What a file is chosen by; an `IncomingMessage` is one too. */
export interface FileRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly socket: { readonly remoteAddress?: string | undefined };
}

export interface HlsLaneOptions {
  /** The answer to a request; undefined when it is not for here. */
  readonly choose: (request: FileRequest) => HlsForm | Promise<HlsForm> | undefined;
  readonly deadlines: SendDeadlines;
  /** How long a connection without a request is kept, ms. */
  readonly idleTimeoutMs: number;
}

/** Every connection on the short way. */
export class HlsLane implements Closable {
  readonly #options: HlsLaneOptions;
  readonly #connections = new Set<LaneConnection>();
  #tail = '';
  #tailSecond = 0;

  constructor(options: HlsLaneOptions) {
    this.#options = options;
  }

  /** Takes a new connection; `handOver` gets it when it is not, or no longer, one for here. */
  take(socket: Socket, handOver: (socket: Socket) => void): void {
    const connection = new LaneConnection(socket, {
      ...this.#options,
      tail: () => this.#currentTail(),
      done: (isOpen) => {
        this.#connections.delete(connection);
        if (isOpen) handOver(socket);
      },
    });
    this.#connections.add(connection);
  }

  /** Ends connections that wait for a request. */
  close(_reason: string): void {
    for (const connection of this.#connections) connection.endIfIdle();
  }

  /** The last headers of every answer: Date has a resolution of a second (RFC 9110 section 5.6.7). */
  #currentTail(): string {
    const second = Math.floor(Date.now() / 1000);
    if (second !== this.#tailSecond) {
      const timeoutS = Math.floor(this.#options.idleTimeoutMs / 1000);
      this.#tailSecond = second;
      this.#tail = `Date: ${new Date(second * 1000).toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${timeoutS}\r\n\r\n`;
    }
    return this.#tail;
  }
}

interface LaneConnectionOptions extends HlsLaneOptions {
  readonly tail: () => string;
  /** The connection is over, or to be handed over. */
  readonly done: (isOpen: boolean) => void;
}

class LaneConnection {
  readonly #socket: Socket;
  readonly #options: LaneConnectionOptions;
  /** What was received and not answered yet, a byte in each character; at most one read of the socket. */
  #received = '';
  /** An answer is being made or taken: nothing is read meanwhile. */
  #isWaiting = false;
  readonly #onData = (chunk: Buffer) => {
    this.#received += chunk.toString('latin1');
    this.#proceed();
  };
  readonly #onDrain = () => {
    this.#options.deadlines.release(this.#socket);
    this.#resume();
  };
  readonly #onEnd = () => this.#socket.end();
  readonly #onTimeout = () => this.#socket.destroy();
  readonly #onError = () => this.#socket.destroy();
  readonly #onClose = () => {
    this.#options.deadlines.release(this.#socket);
    this.#options.done(false);
  };

  constructor(socket: Socket, options: LaneConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setTimeout(options.idleTimeoutMs, this.#onTimeout);
    socket.on('drain', this.#onDrain).on('end', this.#onEnd).on('error', this.#onError);
    socket.on('close', this.#onClose).on('data', this.#onData);
  }

  endIfIdle(): void {
    if (!this.#isWaiting && this.#received === '') this.#socket.destroy();
  }

  #proceed(): void {
    while (this.#received !== '' && !this.#isWaiting && !this.#socket.destroyed) {
      const request =
        this.#received.length > MAX_PLAIN_BYTES * 4 ? undefined : readPlainRequest(this.#received);
      const { headers, method, url } = request ?? { headers: {} };
      const form = request && this.#options.choose({ headers, method, url, socket: this.#socket });
      if (!form) {
        this.#handOver();
        return;
      }
      this.#received = this.#received.slice(request.length);
      const isHead = method === 'HEAD';
      if (form instanceof Promise) this.#writeLater(form, isHead);
      else this.#write(form, isHead);
    }
  }

  #write(form: HlsForm, isHead: boolean): void {
    const socket = this.#socket;
    writeForm(form, socket, { isHead, tail: this.#options.tail() });
    if (!socket.writableNeedDrain) return;
    this.#options.deadlines.watchSocket(socket);
    this.#wait();
  }

  #writeLater(making: Promise<HlsForm>, isHead: boolean): void {
    this.#wait();
    making.then(
      (form) => {
        this.#isWaiting = false;
        if (!this.#socket.destroyed) this.#write(form, isHead);
        if (!this.#isWaiting) this.#resume();
      },
      () => this.#socket.destroy(),
    );
  }

  #wait(): void {
    this.#isWaiting = true;
    this.#socket.pause();
  }

  #resume(): void {
    this.#isWaiting = false;
    this.#proceed();
    if (!this.#isWaiting) this.#socket.resume();
  }

  #handOver(): void {
    const socket = this.#socket;
    socket.setTimeout(0);
    socket.off('timeout', this.#onTimeout).off('drain', this.#onDrain).off('end', this.#onEnd);
    socket.off('error', this.#onError).off('close', this.#onClose).off('data', this.#onData);
    // Paused, what is put back waits until its new owner listens.
    socket.pause();
    socket.unshift(Buffer.from(this.#received, 'latin1'));
    this.#received = '';
    this.#options.done(true);
    socket.resume();
  }
}
