// One HTTP/1.1 connection with one request at a time, as cheap as Node allows: the load generator's client. It
// connects when there is something to ask, and again when the server has closed it.
import { connect, type Socket } from 'node:net';
import { type HttpAnswer, ResponseParser } from './response-parser.ts';

/** How a request went. A timeout is no answer at all: the connection is given up. */
export type HttpOutcome =
  | { readonly kind: 'answer'; readonly answer: HttpAnswer }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'error'; readonly reason: string };

export interface HttpAddress {
  readonly host: string;
  readonly port: number;
}

export interface ConnectionOptions extends HttpAddress {
  readonly timeoutMs: number;
}

/** Tells what went out as one viewer's. */
const USER_AGENT = 'barrage-bench';
/** Shared by all: libuv fills it and the parser empties it within one call. */
const READ_BUFFER = Buffer.allocUnsafeSlow(262_144);

interface Pending {
  readonly deadlineMs: number;
  readonly done: (outcome: HttpOutcome) => void;
}

/** See the head of the file. Whoever made it closes it, and calls `expire` now and then. */
export class KeepAliveConnection {
  readonly #options: ConnectionOptions;
  #socket: Socket | undefined;
  #parser: ResponseParser;
  #pending: Pending | undefined;
  #received = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#parser = this.#makeParser();
  }

  get isBusy(): boolean {
    return this.#pending !== undefined;
  }

  /** Bytes received in all, heads too. */
  get received(): number {
    return this.#received;
  }

  /** Asks for a path; `done` is called once. One at a time. `agent` is added to the user agent. */
  get(
    path: string,
    done: (outcome: HttpOutcome) => void,
    { keepBody = false, agent = '' }: { readonly keepBody?: boolean; readonly agent?: string } = {},
  ): void {
    if (this.#pending) throw new Error('this connection waits for an answer already');
    this.#pending = { deadlineMs: performance.now() + this.#options.timeoutMs, done };
    this.#socket ??= this.#connect();
    this.#parser.expect({ keepBody });
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${this.#options.host}\r\nUser-Agent: ${USER_AGENT}${agent}\r\nAccept: */*\r\n\r\n`,
      'latin1',
    );
  }

  /** Gives a request up whose time is over; to be called several times a second. */
  expire(nowMs: number): void {
    if (!this.#pending || nowMs < this.#pending.deadlineMs) return;
    this.#drop();
    this.#settle({ kind: 'timeout' });
  }

  /** Drops the connection; a request under way is an error. */
  close(): void {
    this.#drop();
    this.#settle({ kind: 'error', reason: 'closed here' });
  }

  #connect(): Socket {
    const { host, port } = this.#options;
    const socket = connect({
      ...{ host, port, noDelay: true },
      onread: {
        buffer: READ_BUFFER,
        callback: (bytes, buffer) => {
          if (socket === this.#socket) this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
          return true;
        },
      },
    });
    const fail = (reason: string) => {
      if (socket !== this.#socket) return;
      this.#drop();
      this.#settle({ kind: 'error', reason });
    };
    socket.on('error', (error) => fail(error.message));
    socket.on('end', () => fail('the server closed the connection'));
    socket.on('close', () => fail('the connection was closed'));
    return socket;
  }

  #read(bytes: Buffer): void {
    this.#received += bytes.length;
    const parser = this.#parser;
    try {
      parser.push(bytes);
    } catch (error) {
      // What is left on a connection that was given up meanwhile is of no interest.
      if (parser !== this.#parser) return;
      this.#drop();
      this.#settle({ kind: 'error', reason: (error as Error).message });
    }
  }

  #makeParser(): ResponseParser {
    return new ResponseParser((answer) => {
      if (answer.closes) this.#drop();
      this.#settle({ kind: 'answer', answer });
    });
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#parser = this.#makeParser();
  }

  #settle(outcome: HttpOutcome): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.done(outcome);
  }
}
