// A small server that speaks the interaction protocol over real HTTP and WebSockets, and does what a test tells
// it to: refuse, close, lose frames. Not the real server, and no model for it.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type {
  CommandFrame,
  EventFrame,
  HelloParams,
  HelloResult,
  NumberedEvent,
  ReplyError,
  RoomEvent,
  StreamInfo,
} from '../../../server/protocol/wire.ts';

/** What a test may replace: the answer to a command. A thrown {@link Refusal} becomes an error reply. */
export type Handler = (params: Record<string, unknown>, socket: WebSocket) => unknown;

export class Refusal extends Error {
  readonly reply: ReplyError;
  constructor(reply: ReplyError) {
    super(reply.message);
    this.reply = reply;
  }
}

const LIMITS = { maxTextGraphemes: 100, danmakuPerSecond: 5, likesPerSecond: 20, maxFrameBytes: 65_536 };

/** One room on a port of its own. */
export class FakeRoom {
  readonly http: Server;
  readonly sockets = new Set<WebSocket>();
  readonly commands: CommandFrame[] = [];
  readonly handlers: Record<string, Handler>;
  history: NumberedEvent[] = [];
  epoch = 'e1';
  offset = 0;
  likes = 0;
  stream: StreamInfo = { state: 'waiting' };
  /** Whether `hello` may resume; false answers with the snapshot. */
  canRecover = true;
  #sessions = 0;

  constructor(http: Server = createServer()) {
    this.http = http;
    this.handlers = {
      hello: (params) => this.#hello(params as unknown as HelloParams),
      ping: () => ({ serverTimeMs: Date.now() }),
      'danmaku.send': (params) => this.#danmaku(params),
      'like.send': (params) => this.#like(Number(params['count'])),
    };
    const wss = new WebSocketServer({ server: http });
    wss.on('connection', (socket) => this.#accept(socket));
  }

  async listen(): Promise<number> {
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
    return (this.http.address() as AddressInfo).port;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${(this.http.address() as AddressInfo).port}/live/demo/ws`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }

  /** Adds a danmaku to the history without sending it. */
  record(text: string, mediaTimeMs: number = Date.now()): NumberedEvent {
    const event: NumberedEvent = {
      type: 'danmaku',
      offset: ++this.offset,
      id: `${this.epoch}-${this.offset}`,
      at: Date.now(),
      mediaTimeMs,
      user: { id: 'u9', name: 'Bo', role: 'viewer' },
      text,
      mode: 'scroll',
      color: '#ffffff',
      size: 'normal',
    };
    this.history.push(event);
    return event;
  }

  /** Adds a danmaku and sends it to everybody. */
  say(text: string, mediaTimeMs?: number): NumberedEvent {
    const event = this.record(text, mediaTimeMs);
    this.push([event]);
    return event;
  }

  push(events: readonly RoomEvent[], epoch: string = this.epoch): void {
    const frame = JSON.stringify({ epoch, events } satisfies EventFrame);
    for (const socket of this.sockets) socket.send(frame);
  }

  setStream(stream: StreamInfo): void {
    this.stream = stream;
    const event: NumberedEvent = {
      type: 'stream',
      offset: ++this.offset,
      id: `${this.epoch}-${this.offset}`,
      at: Date.now(),
      stream,
    };
    this.history.push(event);
    this.push([event]);
  }

  /** Closes every connection with a code. */
  dropAll(code: number): void {
    for (const socket of this.sockets) socket.close(code, 'told to');
  }

  #accept(socket: WebSocket): void {
    this.sockets.add(socket);
    // The session of a viewer is that of its WebSocket; a hello on a data channel says the same.
    this.#sessions++;
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => void this.#answer(JSON.parse(String(data)), socket));
  }

  async #answer(command: CommandFrame, socket: WebSocket): Promise<void> {
    this.commands.push(command);
    const { id, method } = command;
    try {
      const handler = this.handlers[method];
      if (!handler)
        throw new Refusal({ code: 'UNKNOWN_METHOD', message: `no method ${method}`, retryable: false });
      const result = await handler(command.params as Record<string, unknown>, socket);
      if (result !== undefined) socket.send(JSON.stringify({ id, result }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      socket.send(JSON.stringify({ id, error: error.reply }));
    }
  }

  #hello(params: HelloParams): HelloResult {
    const { resume } = params;
    const recovered = this.canRecover && resume?.epoch === this.epoch;
    return {
      session: `s${this.#sessions}`,
      room: { id: 'demo', title: 'Evening market' },
      user: { id: 'u1', name: params.name ?? 'Guest 1', role: 'viewer' },
      serverTimeMs: Date.now(),
      stream: this.stream,
      epoch: this.epoch,
      offset: this.offset,
      recovered,
      missed: recovered ? this.history.filter((event) => event.offset > (resume?.offset ?? 0)) : [],
      snapshot: {
        likes: this.likes,
        viewers: this.sockets.size,
        recent: recovered ? [] : this.history.filter((event) => event.type === 'danmaku').slice(-30),
      },
      limits: LIMITS,
    };
  }

  #danmaku(params: Record<string, unknown>) {
    const event = {
      ...this.record(String(params['text']), Number(params['mediaTimeMs'] ?? Date.now())),
      user: { id: 'u1', name: 'Guest 1', role: 'viewer' },
      mode: params['mode'] ?? 'scroll',
      color: params['color'] ?? '#ffffff',
      size: params['size'] ?? 'normal',
    } as NumberedEvent;
    this.history[this.history.length - 1] = event;
    this.push([event]);
    return { eventId: event.id, offset: event.offset };
  }

  #like(count: number) {
    this.likes += count;
    this.push([{ type: 'likes', total: this.likes }]);
    return { total: this.likes };
  }
}
