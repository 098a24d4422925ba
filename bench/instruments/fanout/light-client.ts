// A viewer or sender on a light socket: connection and conversation in one.
import type { CrowdTarget } from './crowd-methods.ts';
import { type Conversation, findDialect, type SendReply } from './dialect.ts';
import { LightSocket } from './light-socket.ts';

const JOIN_TIMEOUT_MS = 30_000;

export interface LightClientOptions {
  readonly target: CrowdTarget;
  /** A frame of events, valid until this returns. */
  readonly onEvents: (payload: Buffer) => void;
  readonly onReply?: (reply: SendReply) => void;
  /** Once, when the connection is gone without having been closed here. */
  readonly onLost: (reason: string) => void;
}

/** A client the server delivers to. Whoever joined it closes it. */
export class LightClient {
  /** Offset of the room's newest event when it joined. */
  readonly offset: number;
  readonly #socket: LightSocket;
  readonly #conversation: Conversation;

  private constructor(socket: LightSocket, conversation: Conversation, offset: number) {
    this.#socket = socket;
    this.#conversation = conversation;
    this.offset = offset;
  }

  /** Connects and introduces itself; throws when it is turned away. */
  static async join(options: LightClientOptions): Promise<LightClient> {
    const dialect = findDialect(options.target.dialect);
    const ready = Promise.withResolvers<number>();
    // Lost before it was ready: the rejection is what tells, also when nobody waits for it any more.
    ready.promise.catch(() => undefined);
    const conversation = dialect.converse({
      sendText: (text) => socket.sendText(text),
      sendBinary: (bytes) => socket.sendBinary(bytes),
      onReady: ready.resolve,
      onRefused: (reason) => ready.reject(new Error(`turned away: ${reason}`)),
      onEvents: options.onEvents,
      onReply: options.onReply ?? (() => undefined),
    });
    const socket = await LightSocket.open({
      url: options.target.url,
      subprotocol: dialect.subprotocol,
      onMessage: (payload) => conversation.take(payload),
      onClosed: (reason) => {
        ready.reject(new Error(`the connection was lost: ${reason}`));
        options.onLost(reason);
      },
    });
    conversation.start();
    const timer = setTimeout(() => ready.reject(new Error('no answer to hello in time')), JOIN_TIMEOUT_MS);
    try {
      return new LightClient(socket, conversation, await ready.promise);
    } catch (error) {
      socket.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /** Sends a danmaku; see {@link Conversation.send}. */
  send(message: { readonly id: number; readonly sequence: number; readonly text: string }): void {
    this.#conversation.send(message);
  }

  close(): void {
    this.#socket.close();
  }
}
