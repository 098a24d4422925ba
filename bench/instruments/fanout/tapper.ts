// One viewer who taps the like button, as the SDK does it (web/sdk/like-sender.ts): taps are summed, one send is
// under way at a time. Knows no schedule: its crowd tells it when.
import { setImmediate } from 'node:timers/promises';
import type { HelloResult, ReplyFrame } from '../../../server/protocol/wire.ts';
import type { FrameCatalog } from './frame-catalog.ts';
import { LightSocket } from './light-socket.ts';
import type { TapBook } from './tap-book.ts';

const JOIN_TIMEOUT_MS = 30_000;
/** The SDK keeps no more than this either. */
const MAX_UNSENT = 1000;
const HELLO_ID = 0;
/** Frames of events begin with `{"epoch"`, replies with `{"id"`. */
const EVENTS_KEY_AT = 2;
const EVENTS_KEY = 'e'.charCodeAt(0);

/** How a tapper taps. */
export interface TapManner {
  /** Most taps of one send. */
  readonly maxPerSend: number;
  /** Sends refused taps again once the server says so, as the SDK does; else they are dropped. */
  readonly isPolite: boolean;
}

export interface TapperOptions {
  /** WebSocket URL of the room. */
  readonly url: string;
  /** Everyone is sent the same totals: shared, so that one reads them. */
  readonly catalog: FrameCatalog;
  readonly book: TapBook;
}

interface Sent {
  readonly id: number;
  readonly count: number;
  readonly dueMs: number;
}

/** A tapper on a WebSocket. Whoever made it closes it. */
export class Tapper {
  readonly #url: string;
  readonly #catalog: FrameCatalog;
  #book: TapBook;
  #socket: LightSocket | undefined;
  #manner: TapManner = { maxPerSend: 10, isPolite: true };
  #nextId = HELLO_ID + 1;
  #unsent = 0;
  /** When the oldest unsent tap was due. */
  #dueMs: number | undefined;
  #notBeforeMs = 0;
  #underWay: Sent | undefined;
  #shown = 0;
  #lastPulseMs: number | undefined;
  #lastShownMs = 0;
  #lastReplyMs = 0;
  #isLost = false;

  constructor(options: TapperOptions) {
    this.#url = options.url;
    this.#catalog = options.catalog;
    this.#book = options.book;
  }

  /** The newest total it was told. */
  get shown(): number {
    return this.#shown;
  }

  /** When that changed last, and when its last answer came; ms of `performance.now()`. */
  get lastShownMs(): number {
    return this.#lastShownMs;
  }

  get lastReplyMs(): number {
    return this.#lastReplyMs;
  }

  /** Its connection was lost and did not come back. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Nothing is unsent, nothing unanswered. */
  get isIdle(): boolean {
    return this.#underWay === undefined && this.#unsent === 0;
  }

  /** Starts a stretch with counts of its own. */
  begin(book: TapBook, manner: TapManner): void {
    this.#book = book;
    this.#manner = manner;
    this.#lastPulseMs = undefined;
  }

  /** Connects and says hello. Throws when that is refused or takes too long. */
  async join(): Promise<HelloResult> {
    const greeted = Promise.withResolvers<HelloResult>();
    // Lost before it was greeted: the rejection is what tells, also when nobody waits for it any more.
    greeted.promise.catch(() => undefined);
    const timer = setTimeout(() => greeted.reject(new Error('no answer to hello in time')), JOIN_TIMEOUT_MS);
    let socket: LightSocket | undefined;
    const opening = LightSocket.open({
      url: this.#url,
      onMessage: (payload) => this.#receive(payload, greeted),
      onClosed: (reason) => {
        greeted.reject(new Error(`a tapper lost its connection: ${reason}`));
        if (socket) this.#handleClose(socket);
      },
    });
    try {
      socket = await opening;
      socket.sendText(JSON.stringify({ id: HELLO_ID, method: 'hello', params: { protocol: 1 } }));
      const hello = await greeted.promise;
      // Not before: what is sent while hello is being answered is refused.
      this.#socket = socket;
      return hello;
    } catch (error) {
      socket?.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Adds taps that were due at `dueMs` and sends what may be sent. */
  tap(count: number, dueMs: number): void {
    if (this.#isLost) return;
    this.#unsent = Math.min(MAX_UNSENT, this.#unsent + count);
    this.#dueMs ??= dueMs;
    this.#send();
  }

  /** Sends what had to wait for the server's permission; to be called now and then. */
  retry(): void {
    if (this.#unsent > 0) this.#send();
  }

  /**
   * Goes and comes back: once everything is answered, or tapping once more and off before the answer to that.
   * Is lost when it cannot come back.
   */
  async reconnect(how: 'answered' | 'cut'): Promise<void> {
    if (how === 'cut') this.tap(1, performance.now());
    else await this.#answered();
    // The link is given up first: what the crowd taps meanwhile is kept for the next one.
    this.close();
    // Taps that may have counted are not sent again: counted twice is worse than not at all.
    this.#book.unknownTaps += this.#underWay?.count ?? 0;
    this.#underWay = undefined;
    this.#lastPulseMs = undefined;
    try {
      await this.join();
      this.#book.reconnects++;
      this.retry();
    } catch {
      this.#giveUp();
    }
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  async #answered(): Promise<void> {
    const deadline = performance.now() + JOIN_TIMEOUT_MS;
    while (this.#underWay && performance.now() < deadline) await setImmediate();
  }

  #send(): void {
    const nowMs = performance.now();
    const { maxPerSend } = this.#manner;
    if (this.#underWay || nowMs < this.#notBeforeMs || !this.#socket?.isOpen) return;
    const count = Math.min(maxPerSend, this.#unsent);
    const sent = { id: this.#nextId++, count, dueMs: this.#dueMs ?? nowMs };
    this.#underWay = sent;
    this.#unsent -= count;
    this.#dueMs = this.#unsent > 0 ? nowMs : undefined;
    this.#socket.sendText(`{"id":${sent.id},"method":"like.send","params":{"count":${count}}}`);
  }

  #receive(payload: Buffer, greeted: PromiseWithResolvers<HelloResult>): void {
    if (payload[EVENTS_KEY_AT] === EVENTS_KEY) {
      const { likes } = this.#catalog.lookUp(payload);
      if (likes !== undefined) this.#receiveTotal(likes);
      return;
    }
    const reply = JSON.parse(payload.toString()) as ReplyFrame;
    if (reply.id !== HELLO_ID) this.#receiveReply(reply);
    else if ('error' in reply) greeted.reject(new Error(`hello was refused: ${reply.error.message}`));
    else {
      const hello = reply.result as HelloResult;
      // Here, not by the waiting join: a pulse right behind it must not come first.
      this.#show(hello.snapshot.likes);
      greeted.resolve(hello);
    }
  }

  #receiveTotal(total: number): void {
    const nowMs = performance.now();
    if (this.#lastPulseMs !== undefined) this.#book.pulseMs.record(nowMs - this.#lastPulseMs);
    this.#lastPulseMs = nowMs;
    this.#show(total);
  }

  #receiveReply(reply: ReplyFrame): void {
    const sent = this.#underWay;
    if (!sent || reply.id !== sent.id) return;
    this.#underWay = undefined;
    this.#lastReplyMs = performance.now();
    this.#book.replyMs.record(this.#lastReplyMs - sent.dueMs);
    if ('result' in reply) {
      this.#book.acceptedCommands++;
      this.#book.acceptedTaps += sent.count;
    } else this.#handleRefusal(sent, reply.error);
    // What was due meanwhile goes at once; at its own pace again from the next slot on.
    if (this.#unsent > 0) this.#send();
  }

  #handleRefusal(sent: Sent, error: { readonly code: string; readonly retryAfterMs?: number }): void {
    if (error.code !== 'RATE_LIMITED') {
      this.#book.failedCommands++;
      return;
    }
    this.#book.refusedCommands++;
    this.#book.refusedTaps += sent.count;
    if (!this.#manner.isPolite) return;
    this.#unsent += sent.count;
    this.#notBeforeMs = performance.now() + (error.retryAfterMs ?? 1000);
    this.#dueMs = this.#notBeforeMs;
  }

  #show(total: number): void {
    if (total < this.#shown) this.#book.backwards++;
    if (total === this.#shown) return;
    this.#shown = total;
    this.#lastShownMs = performance.now();
  }

  #handleClose(socket: LightSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#giveUp();
  }

  #giveUp(): void {
    this.#book.lost++;
    this.#book.unknownTaps += this.#underWay?.count ?? 0;
    this.#underWay = undefined;
    this.#unsent = 0;
    this.#isLost = true;
  }
}
