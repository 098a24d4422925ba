// Socket.IO 4 over its WebSocket transport: Engine.IO protocol 4 and Socket.IO protocol 5, as far as a client
// without binary attachments and namespaces needs them.
import type { EventFrame } from '../../../../server/protocol/wire.ts';
import type { Conversation, ConversationPort, Dialect } from '../dialect.ts';
import { summarizeFrame } from '../frame-summary.ts';

const HELLO_ID = 0;
const PACKETS = { ping: '2', pong: '3', connect: '40', event: '42', ack: '43', refused: '44' } as const;

/** What a rival's server answers to `hello` and `send`. */
export interface SocketIoAck {
  readonly offset: number;
}

/** Events come as `frame` with the same object that a frame of the project's own protocol holds. */
export const socketIoDialect: Dialect = {
  summarize: (payload) => {
    const [, frame] = JSON.parse(payload.toString('utf8', PACKETS.event.length)) as [string, EventFrame];
    return summarizeFrame(frame);
  },
  converse: (port) => new SocketIoConversation(port),
};

class SocketIoConversation implements Conversation {
  readonly #port: ConversationPort;

  constructor(port: ConversationPort) {
    this.#port = port;
  }

  /** The server speaks first, but does not wait to be heard. */
  start(): void {
    this.#port.sendText(PACKETS.connect);
  }

  take(payload: Buffer): void {
    const type = payload.toString('latin1', 0, 2);
    if (type === PACKETS.event) this.#port.onEvents(payload);
    else if (type === PACKETS.ack) this.#takeAck(payload.toString('utf8', 2));
    else if (type === PACKETS.connect) this.#port.sendText(`${PACKETS.event}${HELLO_ID}["hello"]`);
    else if (type === PACKETS.refused) this.#port.onRefused(payload.toString());
    else if (type === PACKETS.ping) this.#port.sendText(PACKETS.pong);
  }

  send({ id, text }: { readonly id: number; readonly text: string }): void {
    this.#port.sendText(`${PACKETS.event}${id}${JSON.stringify(['send', text])}`);
  }

  #takeAck(body: string): void {
    const start = body.indexOf('[');
    const id = Number(body.slice(0, start));
    const [{ offset }] = JSON.parse(body.slice(start)) as [SocketIoAck];
    if (id === HELLO_ID) this.#port.onReady(offset);
    else this.#port.onReply({ id, offset });
  }
}
