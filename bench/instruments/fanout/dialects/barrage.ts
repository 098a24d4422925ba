// This project's own protocol (docs/PROTOCOL.md) over a WebSocket; the plain `ws` rivals speak it too.
import type {
  CommandFrame,
  EventFrame,
  HelloResult,
  Methods,
  ReplyFrame,
} from '../../../../server/protocol/wire.ts';
import { PROTOCOL_VERSION } from '../../../../server/protocol/wire.ts';
import type { Conversation, ConversationPort, Dialect } from '../dialect.ts';
import { summarizeFrame } from '../frame-summary.ts';

const HELLO_ID = 0;
/** Third character of `{"epoch":` where a reply has that of `{"id":`. */
const EVENTS_MARK = 'e'.charCodeAt(0);

/** The protocol, version 1. */
export const barrageDialect: Dialect = {
  summarize: (payload) => summarizeFrame(JSON.parse(payload.toString()) as EventFrame),
  converse: (port) => new BarrageConversation(port),
};

class BarrageConversation implements Conversation {
  readonly #port: ConversationPort;

  constructor(port: ConversationPort) {
    this.#port = port;
  }

  start(): void {
    this.#command({ id: HELLO_ID, method: 'hello', params: { protocol: PROTOCOL_VERSION } });
  }

  take(payload: Buffer): void {
    if (payload[2] === EVENTS_MARK) this.#port.onEvents(payload);
    else this.#takeReply(payload);
  }

  send({ id, text }: { readonly id: number; readonly text: string }): void {
    this.#command({ id, method: 'danmaku.send', params: { text } });
  }

  #takeReply(payload: Buffer): void {
    const reply = JSON.parse(payload.toString()) as ReplyFrame;
    if (reply.id === HELLO_ID) this.#greet(reply);
    else if ('error' in reply) this.#port.onReply({ id: reply.id ?? 0, error: reply.error.code });
    else {
      const { offset } = reply.result as Methods['danmaku.send']['result'];
      this.#port.onReply({ id: reply.id, offset });
    }
  }

  #greet(reply: ReplyFrame): void {
    if ('error' in reply) this.#port.onRefused(`${reply.error.code}: ${reply.error.message}`);
    else this.#port.onReady((reply.result as HelloResult).offset);
  }

  #command(frame: CommandFrame): void {
    this.#port.sendText(JSON.stringify(frame));
  }
}
