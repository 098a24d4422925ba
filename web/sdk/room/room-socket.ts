// One WebSocket that comes back: opens, reconnects with backoff, obeys the close codes. Knows nothing of
// what is said over it.

import { delayAfterClose, ROOM_RETRY } from '../../../server/protocol/backoff.ts';
import { Emitter } from '../emitter.ts';

/** Where the connection stands. `waiting` counts down to attempt `attempt`; `closed` does not come back. */
export type SocketState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'open' }
  | {
      readonly status: 'waiting';
      readonly attempt: number;
      readonly retryAtMs: number;
      readonly code: number;
    }
  | { readonly status: 'closed'; readonly code: number; readonly reason: string };

/** Events of {@link RoomSocket}; `lost` precedes the state change that follows from it. */
export interface RoomSocketEvents {
  state: SocketState;
  message: string;
  lost: { readonly code: number };
}

export interface RoomSocketOptions {
  readonly url: string;
  /** Default 10 s from opening to open. */
  readonly connectTimeoutMs?: number;
  readonly retryMinMs?: number;
  readonly retryMaxMs?: number;
  readonly random?: () => number;
  /** Constructor to use, default the global one; takes the URL. */
  readonly WebSocket?: new (
    url: string,
  ) => WebSocket;
}

/** What is not sent by then would be stale anyway, and a socket that takes no more is dead. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** A reconnecting WebSocket. `provedGood()` says that the connection proved good, which resets the backoff. */
export class RoomSocket extends Emitter<RoomSocketEvents> {
  readonly #options: RoomSocketOptions;
  #socket: WebSocket | undefined;
  #state: SocketState = { status: 'idle' };
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RoomSocketOptions) {
    super();
    this.#options = options;
  }

  get state(): SocketState {
    return this.#state;
  }

  /** Opens; while it waits for the next attempt, attempts at once. */
  connect(): void {
    const { status } = this.#state;
    if (status === 'connecting' || status === 'open') return;
    this.#open();
  }

  /** Sends a frame; false when there is no connection that takes it. */
  send(text: string): boolean {
    const socket = this.#socket;
    if (this.#state.status !== 'open' || !socket) return false;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return false;
    socket.send(text);
    return true;
  }

  /** The next loss starts again with a short delay. */
  provedGood(): void {
    this.#attempt = 0;
  }

  /** Drops the connection as if it were lost, to get a new one. */
  reset(code: number, reason: string): void {
    if (this.#state.status !== 'open') return;
    const socket = this.#detach();
    socket?.close(code, reason);
    this.#handleLoss(code, reason);
  }

  /** Ends for good. */
  close(reason: string): void {
    if (this.#state.status === 'closed') return;
    const wasOpen = this.#state.status === 'open';
    const socket = this.#detach();
    socket?.close(1000, reason);
    if (wasOpen) this.emit('lost', { code: 1000 });
    this.#setState({ status: 'closed', code: 1000, reason });
  }

  #open(): void {
    clearTimeout(this.#timer);
    const Ctor = this.#options.WebSocket ?? WebSocket;
    const socket = new Ctor(this.#options.url);
    this.#socket = socket;
    this.#setState({ status: 'connecting', attempt: this.#attempt });
    this.#timer = setTimeout(() => this.#abort(socket), this.#options.connectTimeoutMs ?? 10_000);
    socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#setState({ status: 'open' });
    };
    socket.onmessage = (event) => {
      if (typeof event.data === 'string') this.emit('message', event.data);
    };
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#detach();
      this.#handleLoss(event.code, event.reason);
    };
  }

  #abort(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#detach()?.close();
    this.#handleLoss(1006, 'no connection in time');
  }

  #handleLoss(code: number, reason: string): void {
    if (this.#state.status === 'open') this.emit('lost', { code });
    // A listener may have closed us in the meantime.
    if (this.#state.status === 'closed') return;
    const { retryMinMs = ROOM_RETRY.minMs, retryMaxMs = ROOM_RETRY.maxMs, random } = this.#options;
    const bounds = { minMs: retryMinMs, maxMs: retryMaxMs, ...(random ? { random } : {}) };
    const delayMs = delayAfterClose(code, this.#attempt, bounds);
    if (delayMs === undefined) {
      this.#setState({ status: 'closed', code, reason });
      return;
    }
    this.#attempt++;
    this.#timer = setTimeout(() => this.#open(), delayMs);
    this.#setState({ status: 'waiting', attempt: this.#attempt, retryAtMs: Date.now() + delayMs, code });
  }

  #detach(): WebSocket | undefined {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return undefined;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    return socket;
  }

  #setState(state: SocketState): void {
    this.#state = state;
    this.emit('state', state);
  }
}
