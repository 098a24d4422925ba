// One viewer's session of the interaction protocol, over a WebSocket, data channels or both: reads commands and
// answers them. The way of the events is in event-way.ts.
import { BarrageError, toBarrageError } from '../../core/errors.ts';
import { createUlid } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { Gate } from '../auth/gate.ts';
import type { Identity } from '../auth/identity.ts';
import type { Meter } from '../meter.ts';
import {
  CLOSE_CODES,
  type EventFrame,
  PROTOCOL_VERSION,
  type ReplyFrame,
  type UnnumberedEvent,
} from '../protocol/wire.ts';
import { type OpenRoom, ROOM_DELETED } from '../rooms/open-rooms.ts';
import type { RoomMember } from '../rooms/room.ts';
import type { SharedFrame } from '../rooms/shared-frame.ts';
import { CommandBudget } from './command-budget.ts';
import { EventWay } from './event-way.ts';
import { type CommandContext, runHandler } from './handlers.ts';
import { describeHello, encodeHelloReply, type HelloLimits } from './hello.ts';
import {
  type Envelope,
  type ReadEnvelope,
  type ReadParams,
  readEnvelope,
  readParams,
  requireMethod,
  UnreadableFrame,
} from './read-command.ts';
import type { SessionLink } from './session-link.ts';
import { DataChannelLink, SessionWebRtc } from './session-webrtc.ts';

/** Events sent again when the lanes lost some: more than their buffers can have held of what was not yet late. */
const RESENT_EVENTS = 500;

/** What sessions share: services and limits. */
export interface SessionServices {
  readonly gate: Gate;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly limits: HelloLimits;
  readonly recentEvents: number;
  readonly maxCommandsPerSecond: number;
}

export interface SessionOptions {
  readonly services: SessionServices;
  readonly room: OpenRoom;
  readonly remoteAddress: string;
  /** Whether the session lives and dies with a WebSocket, or with its data channels. */
  readonly hasWebSocket: boolean;
  /** Tells one viewer's HLS from another's. */
  readonly presenceKey: string;
  /** Token given before hello, in an Authorization header. */
  readonly token?: string | undefined;
  /** Called once when the session has ended, for whatever reason. */
  readonly onClosed?: (code: number, reason: string) => void;
}

/** What a session is once its viewer is known. */
interface Joined {
  readonly state: 'joined';
  readonly identity: Identity;
  readonly context: CommandContext;
  readonly way: EventWay;
  readonly leavePresence: () => void;
}

type SessionState =
  | { readonly state: 'new' }
  | { readonly state: 'greeting' }
  | Joined
  | { readonly state: 'closed' };

/** A viewer's session. Whoever made it hands in frames and says when a link is gone. */
export class Session implements RoomMember {
  readonly id = createUlid();
  readonly webrtc: SessionWebRtc;
  readonly #options: SessionOptions;
  readonly #services: SessionServices;
  readonly #logger: Logger;
  readonly #budget: CommandBudget;
  #state: SessionState = { state: 'new' };

  constructor(options: SessionOptions) {
    const { services, room } = options;
    this.#options = options;
    this.#services = services;
    this.#logger = services.logger.child({ room: room.room.id, session: this.id });
    this.#budget = new CommandBudget(services.maxCommandsPerSecond, () => room.room.nowMs());
    this.webrtc = new SessionWebRtc({
      live: room.room.live,
      onFrame: (text, link) => this.handleFrame(text, link),
      onEvent: (event) => this.#sendEvent(event),
      onLaneFull: (link) => this.#leaveLanes(link),
      onClosed: (link) => this.linkClosed(link, 'WebRTC session closed'),
    });
  }

  get isJoined(): boolean {
    return this.#state.state === 'joined';
  }

  /** When the viewer's token ends, ms since the Unix epoch; infinite for guests. */
  get expiresAtMs(): number {
    const expiry = this.#state.state === 'joined' ? this.#state.identity.expiresAtMs : undefined;
    return expiry ?? Number.POSITIVE_INFINITY;
  }

  /** Takes a frame the viewer sent on one of its links. Never throws: what is wrong goes back as a reply. */
  handleFrame(text: string, link: SessionLink): void {
    if (this.#state.state === 'closed') return;
    const startedMs = performance.now();
    let id: number | null = null;
    try {
      const read = readEnvelope(text);
      id = read.id;
      this.#budget.take();
      void this.#run(read, link, startedMs);
    } catch (error) {
      this.#refuse(link, id, error);
      if (error instanceof UnreadableFrame) this.close(CLOSE_CODES.badMessage, error.message);
      if (this.#budget.isAbused) this.close(CLOSE_CODES.badMessage, 'too many messages');
    }
  }

  deliver(frame: SharedFrame): void {
    if (this.#state.state === 'joined') this.#state.way.own.deliver(frame);
  }

  roomClosed(reason: string): void {
    const code = reason === ROOM_DELETED ? CLOSE_CODES.roomDeleted : CLOSE_CODES.draining;
    this.close(code, reason);
  }

  /** The newest totals, for a link that had to leave some out. */
  resendTotals(link: SessionLink): void {
    const frame = this.#options.room.room.latestPulse();
    if (frame && this.#state.state === 'joined' && this.#state.way.own === link) link.deliver(frame);
  }

  /** A link is gone: without its data channels a session goes on over the WebSocket, else it ends. */
  linkClosed(link: SessionLink, reason: string): void {
    if (link.kind === 'websocket' || !this.#options.hasWebSocket) this.close(CLOSE_CODES.idle, reason);
    else if (this.#state.state === 'joined') this.#state.way.lose(link);
  }

  /** Ends the session and its data channels; closing the WebSocket is left to `onClosed`. */
  close(code: number, reason: string): void {
    const before = this.#state;
    if (before.state === 'closed') return;
    this.#state = { state: 'closed' };
    if (before.state === 'joined') {
      before.leavePresence();
      this.#options.room.room.leave(this);
    }
    this.webrtc.close(reason);
    this.#logger.debug({ code, reason }, 'session ended');
    this.#options.onClosed?.(code, reason);
  }

  async #run(read: ReadEnvelope, link: SessionLink, startedMs: number): Promise<void> {
    try {
      const { envelope } = read;
      if (envelope instanceof BarrageError) throw envelope;
      const method = requireMethod(envelope.method);
      if (method === 'hello') return await this.#hello(envelope, link);
      const { context } = this.#requireJoined();
      const result = await runHandler(method, context, readParams(method, envelope.params));
      reply(link, { id: envelope.id, result });
      this.#services.meter.countCommand(method, performance.now() - startedMs);
    } catch (error) {
      this.#refuse(link, read.id, error);
    } finally {
      this.#budget.finish();
    }
  }

  async #hello(envelope: Envelope, link: SessionLink): Promise<void> {
    const params = readParams('hello', envelope.params);
    if (params.protocol !== PROTOCOL_VERSION) {
      const message = `protocol ${params.protocol} is not spoken here, ${PROTOCOL_VERSION} is`;
      return this.#turnAway(link, envelope.id, new BarrageError('BAD_REQUEST', message));
    }
    if (this.#state.state === 'greeting')
      throw new BarrageError('CONFLICT', 'a hello is being answered already');
    let joined: Joined;
    try {
      joined = this.#state.state === 'joined' ? this.#state : await this.#join(params, link);
    } catch (error) {
      return this.#turnAway(link, envelope.id, error);
    }
    // From here to the reply nothing may wait: what the room delivers next must come after the reply.
    if (link.kind === 'websocket') joined.way.moveToOwn(link);
    const { limits, recentEvents } = this.#services;
    const { room } = this.#options;
    const { identity } = joined;
    const greeting = { sessionId: this.id, room, identity, resume: params.resume, limits, recentEvents };
    link.send(encodeHelloReply(envelope.id, describeHello(greeting)));
    if (link instanceof DataChannelLink) await joined.way.moveToLanes(link);
  }

  async #join(params: ReadParams<'hello'>, link: SessionLink): Promise<Joined> {
    this.#state = { state: 'greeting' };
    const { room, remoteAddress, presenceKey, token } = this.#options;
    const record = room.record();
    const gated = { id: record.id, private: record.settings.private };
    const identity = await this.#services.gate.admitViewer(gated, params.token ?? token, params.name);
    // The state is read anew: the connection may have gone while the token was checked.
    if ((this.#state as SessionState).state === 'closed')
      throw new BarrageError('UNAVAILABLE', 'session ended');
    const joined: Joined = {
      state: 'joined',
      identity,
      context: { room, speaker: { identity, remoteAddress }, webrtc: this.webrtc },
      way: new EventWay({ room: room.room, member: this, own: link, logger: this.#logger }),
      leavePresence: room.room.presence.enterSession(link.kind, presenceKey),
    };
    this.#state = joined;
    this.#logger.debug({ user: identity.user.id, over: link.kind }, 'viewer joined');
    return joined;
  }

  #requireJoined(): Joined {
    if (this.#state.state === 'joined') return this.#state;
    throw new BarrageError(
      'UNAUTHORIZED',
      'say hello first: {"id":1,"method":"hello","params":{"protocol":1}}',
    );
  }

  /** Answers a hello that cannot be accepted and ends the session for good. */
  #turnAway(link: SessionLink, id: number, error: unknown): void {
    this.#refuse(link, id, error);
    const { code, message } = toBarrageError(error);
    const closeCode = code === 'UNAUTHORIZED' ? CLOSE_CODES.unauthorized : CLOSE_CODES.badMessage;
    this.close(closeCode, message);
  }

  #refuse(link: SessionLink, id: number | null, thrown: unknown): void {
    const error = toBarrageError(thrown);
    this.#services.meter.countRefusal('session', error.code);
    if (error.code === 'INTERNAL') this.#logger.error({ error: thrown }, 'command failed');
    const { code, message, retryable, retryAfterMs } = error;
    const body = { code, message, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    reply(link, { id, error: body });
  }

  /** The lanes lose frames: back to the WebSocket, with the newest events once more, since some never arrived. */
  #leaveLanes(link: DataChannelLink): void {
    if (!this.#options.hasWebSocket) this.close(CLOSE_CODES.slowConsumer, 'data channels do not keep up');
    if (this.#state.state !== 'joined' || !this.#state.way.lose(link)) return;
    const { room } = this.#options.room;
    const frame: EventFrame = { epoch: room.epoch, events: room.newest(RESENT_EVENTS) };
    this.#state.way.own.send(JSON.stringify(frame));
  }

  #sendEvent(event: UnnumberedEvent): void {
    if (this.#state.state !== 'joined') return;
    const { epoch } = this.#options.room.room;
    this.#state.way.own.send(JSON.stringify({ epoch, events: [event] } satisfies EventFrame));
  }
}

function reply(link: SessionLink, frame: ReplyFrame): void {
  link.send(JSON.stringify(frame));
}
