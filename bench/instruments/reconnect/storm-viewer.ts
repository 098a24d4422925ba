// A viewer that comes back as the SDK does: same delays, same verdict on close codes, hello with `resume`. Keeps
// books instead of showing anything.
import { WebSocket } from 'ws';
import { delayAfterClose, ROOM_RETRY } from '../../../server/protocol/backoff.ts';
import { type HelloResult, PROTOCOL_VERSION, type ReplyError } from '../../../server/protocol/wire.ts';
import { monotonicUs } from '../fanout/monotonic.ts';
import { EventBook } from './event-book.ts';
import type { EventLedger } from './event-ledger.ts';
import type { FrameReader } from './frame-reader.ts';
import type { Storm } from './storm.ts';

/** The SDK gives up an attempt after 10 s, an unanswered hello after 8 s. */
const CONNECT_TIMEOUT_MS = 10_000;
const HELLO_ID = 1;
const MAX_WAITING_SENDS = 1000;

/** What the viewers of a generator share. */
export interface StormSurroundings {
  readonly url: string;
  readonly ledger: EventLedger;
  readonly frames: FrameReader;
  sends(): SendCounts;
  /** The storm being counted. */
  storm(): Storm;
  /** True while the network of those who were cut off is down. */
  isDown(): boolean;
}

/** Danmaku and likes sent by all viewers together. */
export interface SendCounts {
  sent: number;
  acknowledged: number;
  /** Likes the server took, counted one by one. */
  liked: number;
  /** By error code. */
  refused: Record<string, number>;
  /** Commands whose connection went before the answer came, and the likes among them, counted one by one. */
  unanswered: number;
  likesUnanswered: number;
}

/** One viewer. `index` names it in the storm; `spared` ones are neither cut off nor counted. */
export class StormViewer {
  readonly book = new EventBook();
  readonly index: number;
  readonly spared: boolean;
  readonly #around: StormSurroundings;
  #socket: WebSocket | undefined;
  #joined = false;
  #closed = false;
  #attempt = 0;
  #nextId = HELLO_ID + 1;
  /** Commands without an answer: for likes how many, 0 for a danmaku. */
  readonly #sending = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #onJoined: (() => void) | undefined;

  constructor(around: StormSurroundings, options: { readonly index: number; readonly spared: boolean }) {
    this.#around = around;
    this.index = options.index;
    this.spared = options.spared;
  }

  get joined(): boolean {
    return this.#joined;
  }

  /** Danmaku whose answer has not come. */
  get waiting(): number {
    return this.#sending.size;
  }

  /** Connects; resolves when hello has been answered for the first time. */
  async join(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onJoined = resolve;
    this.#open();
    await promise;
  }

  /** The connection is gone from one moment to the next. */
  cut(): void {
    const socket = this.#detach();
    socket?.terminate();
    this.#lose(1006, 'cut');
  }

  /** Sends a danmaku; does nothing while it is not joined. */
  send(text: string): void {
    if (this.#command('danmaku.send', { text }, 0)) this.#around.sends().sent++;
  }

  /** Likes so many times; does nothing while it is not joined. */
  like(count: number): void {
    this.#command('like.send', { count }, count);
  }

  /** Ends for good: as a closed tab does, or with a proper goodbye. */
  close(how: 'cut' | 'goodbye' = 'cut'): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#abandonSends();
    const socket = this.#detach();
    if (how === 'cut') socket?.terminate();
    else socket?.close(1000);
    this.#joined = false;
    this.#onJoined?.();
  }

  #open(): void {
    if (!this.spared) this.#around.storm().attempt();
    if (!this.spared && this.#around.isDown()) {
      this.#lose(1006, 'network down');
      return;
    }
    const socket = new WebSocket(this.#around.url, { perMessageDeflate: false, skipUTF8Validation: true });
    this.#socket = socket;
    let problem: string | undefined;
    this.#timer = setTimeout(() => {
      problem = 'timeout';
      socket.terminate();
    }, CONNECT_TIMEOUT_MS);
    socket.on('open', () => socket.send(this.#hello()));
    socket.on('message', (data: Buffer) => this.#receive(data.toString()));
    socket.on('error', (error) => {
      problem ??= describeError(error);
    });
    socket.on('close', (code) => {
      if (this.#socket !== socket) return;
      this.#detach();
      this.#lose(code, problem ?? String(code));
    });
  }

  #command(method: string, params: object, likes: number): boolean {
    if (!this.#joined || this.#sending.size >= MAX_WAITING_SENDS) return false;
    const id = this.#nextId++;
    this.#sending.set(id, likes);
    this.#socket?.send(JSON.stringify({ id, method, params }));
    return true;
  }

  #hello(): string {
    const params = { protocol: PROTOCOL_VERSION, name: `viewer ${this.index}`, resume: this.book.resume };
    return JSON.stringify({ id: HELLO_ID, method: 'hello', params });
  }

  #receive(text: string): void {
    const events = this.#around.frames.readEvents(text);
    if (events) this.book.acceptFrame(events);
    else this.#settle(JSON.parse(text) as Reply, text.length);
  }

  #settle(reply: Reply, bytes: number): void {
    if (reply.id === HELLO_ID) {
      if (reply.result) this.#greet(reply.result as HelloResult, bytes);
      else this.#socket?.close(4000, 'hello failed');
      return;
    }
    const likes = this.#sending.get(reply.id);
    if (likes === undefined) return;
    this.#sending.delete(reply.id);
    const { ledger } = this.#around;
    const sends = this.#around.sends();
    const epoch = this.book.resume?.epoch;
    if (reply.error) sends.refused[reply.error.code] = (sends.refused[reply.error.code] ?? 0) + 1;
    else if (likes > 0) sends.liked += likes;
    else if (epoch !== undefined) {
      sends.acknowledged++;
      ledger.acknowledge(epoch, (reply.result as { offset: number }).offset);
    }
  }

  #greet(result: HelloResult, helloBytes: number): void {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#joined = true;
    this.#around.ledger.see(result.epoch, result.missed);
    this.book.acceptHello(result);
    const { recovered, missed } = result;
    const how = { atMs: monotonicUs() / 1000, recovered, missedEvents: missed.length, helloBytes };
    if (!this.spared) this.#around.storm().comeBack(this.index, how);
    this.#onJoined?.();
    this.#onJoined = undefined;
  }

  #lose(code: number, failure: string): void {
    const wasJoined = this.#joined;
    this.#joined = false;
    this.#abandonSends();
    if (this.#closed) return;
    if (!this.spared && wasJoined) this.#around.storm().lose(this.index, failure);
    else if (!this.spared) this.#around.storm().fail(failure);
    const delayMs = delayAfterClose(code, this.#attempt++, ROOM_RETRY);
    if (delayMs !== undefined) this.#timer = setTimeout(() => this.#open(), delayMs);
  }

  #abandonSends(): void {
    const sends = this.#around.sends();
    sends.unanswered += this.#sending.size;
    for (const likes of this.#sending.values()) sends.likesUnanswered += likes;
    this.#sending.clear();
  }

  #detach(): WebSocket | undefined {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    return socket;
  }
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: ReplyError;
}

/** `ECONNREFUSED`, or `HTTP 503` for an upgrade that was refused. */
function describeError(error: Error): string {
  const status = /server response: (\d+)/.exec(error.message)?.[1];
  return status ? `HTTP ${status}` : ((error as NodeJS.ErrnoException).code ?? error.message);
}
