// A client of the interaction protocol for tests: sends commands, collects what the server pushes.
import { EventEmitter, once } from 'node:events';
import { WebSocket } from 'ws';
import { withDeadline } from '../../core/lifecycle.ts';
import type {
  EventFrame,
  HelloResult,
  Method,
  Methods,
  ReplyError,
  RoomEvent,
} from '../../server/protocol/wire.ts';

const DEADLINE_MS = 10_000;

/** A command that was answered with an error. */
export class CommandError extends Error {
  readonly code: string;
  readonly body: ReplyError;

  constructor(body: ReplyError) {
    super(body.message);
    this.code = body.code;
    this.body = body;
  }
}

interface ClientEvents {
  frame: [];
}

/** A connection to a room. */
export class WsClient extends EventEmitter<ClientEvents> {
  readonly socket: WebSocket;
  readonly frames: EventFrame[] = [];
  /** Replies without an id. */
  readonly complaints: ReplyError[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #nextId = 1;

  private constructor(socket: WebSocket) {
    super();
    this.socket = socket;
    socket.on('message', (data) => this.#handle(JSON.parse(String(data))));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        for (const { reject } of this.#pending.values()) reject(new Error(`closed with ${code}`));
        resolve({ code, reason: String(reason) });
      });
    });
  }

  /** Connects to a room; rejects with the HTTP status when the upgrade is refused. */
  static async connect(
    origin: string,
    room: string,
    headers: Record<string, string> = {},
  ): Promise<WsClient> {
    const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/live/${room}/ws`, {
      headers,
      rejectUnauthorized: false,
    });
    const client = new WsClient(socket);
    await withDeadline(once(socket, 'open'), DEADLINE_MS, 'connecting');
    return client;
  }

  /** Connects and says hello. */
  static async join(
    origin: string,
    room: string,
    params: Partial<Methods['hello']['params']> = {},
  ): Promise<{ client: WsClient; hello: HelloResult }> {
    const client = await WsClient.connect(origin, room);
    return { client, hello: await client.call('hello', { protocol: 1, ...params }) };
  }

  /** Sends a command. Rejects with {@link CommandError} when that is the answer. */
  call<M extends Method>(method: M, params: Methods[M]['params']): Promise<Methods[M]['result']> {
    const id = this.#nextId++;
    const pending = Promise.withResolvers<unknown>();
    this.#pending.set(id, pending);
    this.socket.send(JSON.stringify({ id, method, params }));
    return withDeadline(pending.promise, DEADLINE_MS, method) as Promise<Methods[M]['result']>;
  }

  get events(): RoomEvent[] {
    return this.frames.flatMap((frame) => frame.events);
  }

  eventsOf<T extends RoomEvent['type']>(type: T): Extract<RoomEvent, { type: T }>[] {
    return this.events.filter((event) => event.type === type) as Extract<RoomEvent, { type: T }>[];
  }

  /** Waits until what came so far satisfies `isEnough`. */
  async until(isEnough: (events: RoomEvent[]) => boolean, what = 'events'): Promise<void> {
    const seen = async () => {
      while (!isEnough(this.events)) await once(this, 'frame');
    };
    await withDeadline(seen(), DEADLINE_MS, what);
  }

  close(): void {
    this.socket.close();
  }

  #handle(message: EventFrame & { id?: number | null; result?: unknown; error?: ReplyError }): void {
    if (message.events) {
      this.frames.push(message);
      this.emit('frame');
      return;
    }
    const pending = this.#pending.get(message.id ?? -1);
    if (!pending) {
      if (message.error) this.complaints.push(message.error);
      return;
    }
    this.#pending.delete(message.id as number);
    if (message.error) pending.reject(new CommandError(message.error));
    else pending.resolve(message.result);
  }
}
