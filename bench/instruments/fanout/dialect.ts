// How a client talks to a fan-out server: one interface for this project's protocol and those of rivals, so that
// the same viewers and senders load them all. Each dialect is as lean as it can be: it skips what it does not need.
import type { DialectName } from './crowd-methods.ts';
import { barrageDialect } from './dialects/barrage.ts';
import { mqttDialect } from './dialects/mqtt.ts';
import { socketIoDialect } from './dialects/socket-io.ts';
import type { FrameSummary } from './frame-summary.ts';

/** What became of a danmaku. */
export interface SendReply {
  readonly id: number;
  /** The number it got; undefined when it was refused. */
  readonly offset?: number;
  /** Why it was refused. */
  readonly error?: string;
}

/** What a conversation uses and tells. */
export interface ConversationPort {
  readonly sendText: (text: string) => void;
  readonly sendBinary: (bytes: Buffer) => void;
  /** The server delivers from now on; `offset` is the newest event that lies behind. */
  readonly onReady: (offset: number) => void;
  /** The server turns this client away. */
  readonly onRefused: (reason: string) => void;
  /** A frame of events, valid until this returns. */
  readonly onEvents: (payload: Buffer) => void;
  readonly onReply: (reply: SendReply) => void;
}

/** One client's talk with the server. */
export interface Conversation {
  /** The connection is open: introduces itself. */
  start(): void;
  /** Takes a message of the server, valid until this returns. */
  take(payload: Buffer): void;
  /** Sends a danmaku. `id` comes back with the reply; `sequence` numbers it where the server does not. */
  send(message: { readonly id: number; readonly sequence: number; readonly text: string }): void;
}

/** A protocol. */
export interface Dialect {
  /** For the header Sec-WebSocket-Protocol. */
  readonly subprotocol?: string;
  /** Reads what was handed to `onEvents`. */
  readonly summarize: (payload: Buffer) => FrameSummary;
  readonly converse: (port: ConversationPort) => Conversation;
}

const DIALECT_OF: Record<DialectName, Dialect> = {
  barrage: barrageDialect,
  'socket.io': socketIoDialect,
  mqtt: mqttDialect,
};

/** The dialect of a name. */
export function findDialect(name: DialectName): Dialect {
  return DIALECT_OF[name];
}
