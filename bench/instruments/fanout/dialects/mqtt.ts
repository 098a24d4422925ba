// MQTT 3.1.1 over WebSocket at QoS 0, one topic. A broker numbers nothing and acknowledges nothing at QoS 0: the
// sender numbers its messages, and one is taken for accepted when it was sent.
import type { EventFrame } from '../../../../server/protocol/wire.ts';
import type { Conversation, ConversationPort, Dialect } from '../dialect.ts';
import { summarizeFrame } from '../frame-summary.ts';

const TOPIC = Buffer.from('room');
/** Packet types in the high half of the first byte (MQTT 3.1.1 section 2.2.1). */
const TYPES = { connack: 2, publish: 3, suback: 9 } as const;
const PUBLISH_QOS_0 = 0x30;
const CONNECT = 0x10;
const SUBSCRIBE = 0x82;
const CLEAN_SESSION = 2;

let clients = 0;

/** Messages are frames of the project's own protocol, one event each. */
export const mqttDialect: Dialect = {
  subprotocol: 'mqtt',
  summarize: (payload) => summarizeFrame(JSON.parse(payload.toString()) as EventFrame),
  converse: (port) => new MqttConversation(port),
};

class MqttConversation implements Conversation {
  readonly #port: ConversationPort;
  /** Bytes of a packet that goes on in the next WebSocket message, which MQTT allows. */
  #rest: Buffer | undefined;

  constructor(port: ConversationPort) {
    this.#port = port;
  }

  start(): void {
    const variable = Buffer.from([0, 4, ...Buffer.from('MQTT'), 4, CLEAN_SESSION, 0, 0]);
    const name = `bench-${process.pid}-${clients++}`;
    this.#port.sendBinary(encodePacket(CONNECT, [variable, withLength(Buffer.from(name))]));
  }

  take(payload: Buffer): void {
    let bytes = this.#rest ? Buffer.concat([this.#rest, payload]) : payload;
    this.#rest = undefined;
    while (bytes.length > 0) {
      const packet = readPacket(bytes);
      if (!packet) {
        this.#rest = Buffer.from(bytes);
        return;
      }
      this.#takePacket(packet.type, packet.body);
      bytes = bytes.subarray(packet.end);
    }
  }

  send(message: { readonly id: number; readonly sequence: number; readonly text: string }): void {
    const { id, sequence, text } = message;
    const at = Date.now();
    const user = { id: `guest-${process.pid}`, name: 'Guest', role: 'viewer' as const };
    const look = { mode: 'scroll', color: '#ffffff', size: 'normal' } as const;
    const numbered = { offset: sequence, id: `${at}-${sequence}`, at };
    const event = { type: 'danmaku', ...numbered, mediaTimeMs: at, user, text, ...look } as const;
    const frame: EventFrame = { epoch: 'mqtt', events: [event] };
    const body = Buffer.from(JSON.stringify(frame));
    this.#port.sendBinary(encodePacket(PUBLISH_QOS_0, [withLength(TOPIC), body]));
    this.#port.onReply({ id, offset: sequence });
  }

  #takePacket(type: number, body: Buffer): void {
    if (type === TYPES.publish) this.#port.onEvents(body.subarray(2 + body.readUInt16BE(0)));
    else if (type === TYPES.suback) this.#port.onReady(0);
    else if (type === TYPES.connack && body[1] !== 0) this.#port.onRefused(`MQTT code ${body[1]}`);
    else if (type === TYPES.connack)
      this.#port.sendBinary(
        encodePacket(SUBSCRIBE, [Buffer.from([0, 1]), withLength(TOPIC), Buffer.from([0])]),
      );
  }
}

function withLength(text: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, text]);
}

/** First byte, remaining length in groups of seven bits (section 2.2.3), body. */
function encodePacket(first: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const lengthBytes: number[] = [];
  let left = body.length;
  do {
    lengthBytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.from([first, ...lengthBytes]), body]);
}

function readPacket(bytes: Buffer): { type: number; body: Buffer; end: number } | undefined {
  let length = 0;
  for (let index = 1; index <= 4; index++) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    length |= (byte & 0x7f) << (7 * (index - 1));
    if ((byte & 0x80) !== 0) continue;
    const end = index + 1 + length;
    if (bytes.length < end) return undefined;
    return { type: (bytes[0] as number) >> 4, body: bytes.subarray(index + 1, end), end };
  }
  throw new Error('an MQTT packet has a length of more than four bytes');
}
