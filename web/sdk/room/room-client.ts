// A room as a page sees it: commands with replies, events exactly once, and a connection that heals. Does
// not touch media; a WebRTC player lends it data channels as a faster way for the same frames.
import {
  type HelloParams,
  type HelloResult,
  type Method,
  type Methods,
  PROTOCOL_VERSION,
  type RoomEvent,
  type StreamInfo,
} from '../../../server/protocol/wire.ts';
import { Emitter } from '../emitter.ts';
import { localNowMs, ServerClock } from '../timing/server-clock.ts';
import { EventInbox } from './event-inbox.ts';
import { parseServerFrame } from './frames.ts';
import { Heartbeat } from './heartbeat.ts';
import { disconnected, ReplyBook } from './reply-book.ts';
import { RoomError } from './room-error.ts';
import { RoomSocket, type RoomSocketOptions } from './room-socket.ts';
import type { FrameLink, LinkName, RoomEvents, RoomState } from './room-state.ts';

export interface RoomClientOptions extends RoomSocketOptions {
  readonly token?: string | undefined;
  /** What a guest wants to be called. */
  readonly name?: string | undefined;
  /** Default for {@link RoomClient.request}: 8 s. */
  readonly requestTimeoutMs?: number;
}

export interface RequestOptions {
  readonly timeoutMs?: number;
  /** Insist on the WebSocket although a data channel is at hand. */
  readonly over?: 'websocket';
}

/** How long a missing event may still be under way: longer than the chat lane's packet lifetime. */
const HOLE_PATIENCE_MS = 2500;

/** The WebSocket URL of a room of the server at `origin` (default: the page's own). */
export function roomUrl(room: string, origin: string = location.origin): string {
  return `${origin.replace(/^http/, 'ws')}/live/${encodeURIComponent(room)}/ws`;
}

/**
 * Client of one room. `connect()` once; it reconnects by itself, resumes where it was and obeys close codes.
 * Commands reject with {@link RoomError}.
 */
export class RoomClient extends Emitter<RoomEvents> {
  readonly clock = new ServerClock();
  readonly #options: RoomClientOptions;
  readonly #socket: RoomSocket;
  readonly #replies = new ReplyBook();
  readonly #inbox = new EventInbox();
  #state: RoomState = { status: 'idle' };
  #hello: HelloResult | undefined;
  #stream: StreamInfo = { state: 'waiting' };
  #channel: FrameLink | undefined;
  #channelGreeted = false;
  #heartbeat: Heartbeat | undefined;
  #holeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RoomClientOptions) {
    super();
    this.#options = options;
    this.#socket = new RoomSocket(options);
    this.#socket.on('state', () => this.#followSocket());
    this.#socket.on('message', (text) => this.receive(text));
    this.#socket.on('lost', () => this.#replies.abandon('websocket'));
  }

  get state(): RoomState {
    return this.#state;
  }

  /** The newest hello answer: user, room, limits. */
  get hello(): HelloResult | undefined {
    return this.#hello;
  }

  get stream(): StreamInfo {
    return this.#stream;
  }

  /** Connects; while waiting for the next attempt, attempts at once (the network came back). */
  connect(): void {
    this.#socket.connect();
  }

  /** Ends for good; commands without an answer reject with `DISCONNECTED`. */
  close(reason = 'closed by the page'): void {
    this.#heartbeat?.stop();
    clearTimeout(this.#holeTimer);
    this.#channel = undefined;
    this.#socket.close(reason);
    this.#replies.abandon();
  }

  /**
   * Sends a command and resolves with its result.
   * @throws RoomError with the server's code, or `DISCONNECTED`, `TIMEOUT`, `OVERLOADED`.
   */
  async request<M extends Method>(
    method: M,
    params: Methods[M]['params'],
    options: RequestOptions = {},
  ): Promise<Methods[M]['result']> {
    const onChannel = this.#channel && this.#channelGreeted && options.over !== 'websocket';
    const link: LinkName = onChannel ? 'data-channel' : 'websocket';
    return this.#exchange(link, { method, params }, options.timeoutMs);
  }

  /**
   * Moves events and commands to an open data channel: says hello on it, resuming. When that fails, events
   * stay where they are. The channel's owner calls {@link dropChannel} when it closes.
   */
  async useChannel(link: FrameLink): Promise<void> {
    this.#channel = link;
    this.#channelGreeted = false;
    if (this.#state.status === 'open') await this.#greetChannel(link);
  }

  /** The channel closed: back to the WebSocket, resuming. A link that is not the current one is ignored. */
  dropChannel(link: FrameLink): void {
    if (this.#channel !== link) return;
    this.#channel = undefined;
    this.#channelGreeted = false;
    this.#replies.abandon('data-channel');
    if (this.#socket.state.status === 'open') void this.#greetSocket();
  }

  /** Takes a frame that came over the WebSocket or any lane. */
  receive(text: string): void {
    const parsed = parseServerFrame(text);
    if (parsed?.kind === 'reply') this.#replies.settle(parsed.frame);
    if (parsed?.kind !== 'events') return;
    const { events, strangeEpoch } = this.#inbox.acceptFrame(parsed.frame);
    for (const event of events) this.#publish(event);
    if (strangeEpoch && parsed.frame.events.length > 0) this.#watchHole(0);
    else if (this.#inbox.hasHole) this.#watchHole(HOLE_PATIENCE_MS);
  }

  async #exchange<M extends Method>(
    link: LinkName,
    command: { method: M; params: Methods[M]['params'] },
    timeoutMs: number = this.#options.requestTimeoutMs ?? 8000,
  ): Promise<Methods[M]['result']> {
    const { id, result } = this.#replies.open(link, timeoutMs);
    const text = JSON.stringify({ id, ...command });
    const sent = link === 'websocket' ? this.#socket.send(text) : this.#channel?.send(text);
    if (!sent) this.#replies.fail(id, disconnected());
    return (await result) as Methods[M]['result'];
  }

  #followSocket(): void {
    const state = this.#socket.state;
    this.#heartbeat?.stop();
    if (state.status === 'open') {
      this.#setState({ status: 'greeting' });
      void this.#greetSocket();
    } else {
      this.#setState(state);
    }
  }

  async #greetSocket(): Promise<void> {
    try {
      const result = await this.#sayHello('websocket');
      this.#socket.provedGood();
      this.#acceptHello(result, 'websocket');
      this.#startHeartbeat();
    } catch (error) {
      this.#handleHelloError(error);
      return;
    }
    if (this.#channel) await this.#greetChannel(this.#channel);
  }

  async #greetChannel(link: FrameLink): Promise<void> {
    try {
      const result = await this.#sayHello('data-channel');
      if (this.#channel !== link) return;
      this.#channelGreeted = true;
      this.#acceptHello(result, 'data-channel');
    } catch {
      // The WebSocket goes on carrying everything; the player notices a dead session by itself.
      if (this.#channel === link) this.#channel = undefined;
    }
  }

  async #sayHello(link: LinkName): Promise<HelloResult> {
    const { token, name } = this.#options;
    const params: HelloParams = { protocol: PROTOCOL_VERSION, token, name, resume: this.#inbox.resume };
    const sentAtMs = localNowMs();
    const result = await this.#exchange(link, { method: 'hello', params });
    this.clock.addSample({ sentAtMs, receivedAtMs: localNowMs(), serverTimeMs: result.serverTimeMs });
    return result;
  }

  #acceptHello(result: HelloResult, link: LinkName): void {
    this.#hello = result;
    const events = this.#inbox.acceptHello(result);
    this.#setState({ status: 'open', events: link });
    this.emit('hello', result);
    this.emit('likes', result.snapshot.likes);
    this.emit('viewers', result.snapshot.viewers);
    for (const event of events) this.#publish(event);
    this.#setStream(result.stream);
  }

  #handleHelloError(error: unknown): void {
    const wanted = error instanceof RoomError && !error.retryable;
    if (wanted) this.#socket.close(error.message);
    else this.#socket.reset(4000, 'hello failed');
  }

  #startHeartbeat(): void {
    this.#heartbeat?.stop();
    this.#heartbeat = new Heartbeat({
      clock: this.clock,
      ping: (timeoutMs) => this.request('ping', {}, { timeoutMs, over: 'websocket' }),
      dead: () => this.#socket.reset(4000, 'no answer to pings'),
    });
  }

  /** An event is missing: asks for it, unless it comes by itself in the meantime. */
  #watchHole(patienceMs: number): void {
    if (this.#holeTimer !== undefined) return;
    this.#holeTimer = setTimeout(() => {
      this.#holeTimer = undefined;
      if (patienceMs > 0 && !this.#inbox.hasHole) return;
      const link = this.#channel && this.#channelGreeted ? 'data-channel' : 'websocket';
      this.#sayHello(link).then(
        (result) => this.#acceptHello(result, link),
        () => this.#watchHole(HOLE_PATIENCE_MS),
      );
    }, patienceMs);
  }

  #publish(event: RoomEvent): void {
    if ('offset' in event) {
      this.emit('event', event);
      if (event.type === 'stream') this.#setStream(event.stream);
    } else if (event.type === 'likes') this.emit('likes', event.total);
    else if (event.type === 'viewers') this.emit('viewers', event.count);
    else if (event.type === 'gap') this.emit('gap', event);
    else if (event.type === 'webrtc') this.emit('webrtc', event);
  }

  #setStream(stream: StreamInfo): void {
    this.#stream = stream;
    this.emit('stream', stream);
  }

  #setState(state: RoomState): void {
    this.#state = state;
    this.emit('state', state);
  }
}
