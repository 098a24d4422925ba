// The life of one RTMP connection: its phase, its deadline, and what each command does in it. Admission comes
// before any answer that says "started"; media goes nowhere without an admitted target.
import type { Socket } from 'node:net';
import { BarrageError } from '../../../core/errors.ts';
import type { Closable } from '../../../core/lifecycle.ts';
import type { Logger } from '../../../core/logger.ts';
import type { AdmitPublisher, PublishTarget } from '../ingest-port.ts';
import { Publication } from './publication.ts';
import { type ConnectRequest, parsePublishAddress, type RtmpCommand } from './rtmp-command.ts';
import { RtmpConnection } from './rtmp-connection.ts';
import type { RtmpLimits } from './rtmp-limits.ts';
import { isMediaMessage } from './rtmp-message.ts';
import { describeAdmissionError, describeProtocolError } from './rtmp-refusal.ts';
import type { CloseCode, RtmpCounters } from './rtmp-stats.ts';

/** What a session is given; `onClosed` comes once, when its socket is gone. */
export interface RtmpSessionOptions {
  readonly app: string;
  readonly admit: AdmitPublisher;
  readonly limits: RtmpLimits;
  readonly logger: Logger;
  readonly counters: RtmpCounters;
  readonly onClosed: (session: RtmpSession) => void;
}

type LiveState =
  | { readonly phase: 'handshake' | 'connecting' }
  | { readonly phase: 'connected'; readonly appPath: string }
  | { readonly phase: 'admitting'; readonly appPath: string; readonly streamId: number }
  | {
      readonly phase: 'publishing';
      readonly appPath: string;
      readonly streamId: number;
      readonly publication: Publication;
    };
type SessionState = LiveState | { readonly phase: 'closed' };

/** How long each phase may last, or be silent, and how running over is counted. */
const DEADLINE = {
  handshake: { limit: 'handshakeTimeoutMs', code: 'handshake_timeout' },
  connecting: { limit: 'publishTimeoutMs', code: 'publish_timeout' },
  connected: { limit: 'publishTimeoutMs', code: 'publish_timeout' },
  admitting: { limit: 'admitTimeoutMs', code: 'admit_timeout' },
  publishing: { limit: 'stallTimeoutMs', code: 'stalled' },
} as const satisfies Record<LiveState['phase'], { limit: keyof RtmpLimits; code: CloseCode }>;

/** A connection from accept to close. `close` is the kick that admission is handed. */
export class RtmpSession implements Closable {
  readonly #options: RtmpSessionOptions;
  readonly #limits: RtmpLimits;
  readonly #logger: Logger;
  readonly #connection: RtmpConnection;
  #state: SessionState = { phase: 'handshake' };
  #timer: NodeJS.Timeout | undefined;
  /** Bytes that came while nothing was being published. */
  #idleBytes = 0;
  #streams = 0;
  /** How the connection's end will be counted when the client just closes it. */
  #departure: CloseCode = 'left';

  constructor(socket: Socket, options: RtmpSessionOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#connection = new RtmpConnection(socket, {
      limits: options.limits,
      maxBytesOf: (type) => this.#maxBytesOf(type),
      onBytes: (count) => this.#handleBytes(count),
      onHandshake: () => this.#enter({ phase: 'connecting' }),
      onCommand: (command, streamId) => this.#handleCommand(command, streamId),
      // Encoders send the rest of their queue behind FCUnpublish: dropped, not an error.
      onMedia: (message) => {
        if (this.#state.phase === 'publishing') this.#state.publication.handle(message);
      },
      onSlowReader: () => this.#finish('slow_reader', 'client does not read', 'now'),
      onError: (error) => this.#fail(error),
      onGone: (error) => this.#handleGone(error),
    });
    this.#logger = options.logger.child({ remoteAddress: this.#connection.remoteAddress });
    this.#enter({ phase: 'handshake' });
  }

  get publishing(): boolean {
    return this.#state.phase === 'publishing';
  }

  /** Memory held for messages that are not complete yet. */
  get bufferedBytes(): number {
    return this.#connection.bufferedBytes;
  }

  /** Ends the connection and tells the client why. Idempotent. */
  close(reason: string, code: CloseCode = 'kicked'): void {
    this.#refuse(code, reason);
  }

  #maxBytesOf(type: number): number {
    const large = isMediaMessage(type) && this.#state.phase === 'publishing';
    return large ? this.#limits.maxMessageBytes : this.#limits.maxCommandBytes;
  }

  #handleBytes(count: number): void {
    this.#options.counters.bytesIn += count;
    if (this.#state.phase === 'publishing') {
      this.#timer?.refresh();
      return;
    }
    this.#idleBytes += count;
    if (this.#idleBytes > this.#limits.maxBytesBeforePublish) {
      throw new BarrageError('TOO_LARGE', `${this.#idleBytes} bytes and not publishing`);
    }
  }

  #handleCommand(command: RtmpCommand, streamId: number): void {
    const { phase } = this.#state;
    if (command.name !== 'connect' && phase === 'connecting') {
      throw new BarrageError('BAD_REQUEST', 'command before connect');
    }
    switch (command.name) {
      case 'connect':
        this.#handleConnect(command.transactionId, command.connect);
        break;
      case 'publish':
        this.#handlePublish(command.streamName, streamId);
        break;
      case 'play':
        this.#refusePlay(streamId);
        break;
      case 'ended':
        this.#handleUnpublish();
        break;
      default:
        this.#answer(command);
    }
  }

  /** Commands that change nothing. */
  #answer({ name, transactionId, said }: Extract<RtmpCommand, { said: string }>): void {
    const { wire } = this.#connection;
    if (name === 'unknown') this.#logger.debug({ command: said }, 'unknown RTMP command');
    else wire.sendResult(transactionId, name === 'createStream' ? ++this.#streams : undefined);
    if (name === 'prepare') wire.sendFcPublish();
  }

  #handleConnect(transactionId: number, connect: ConnectRequest): void {
    if (this.#state.phase !== 'connecting') {
      throw new BarrageError('BAD_REQUEST', 'second connect on one connection');
    }
    const { wire } = this.#connection;
    wire.sendSettings();
    const { app } = parsePublishAddress(connect.app, '');
    if (app !== this.#options.app) {
      const reason = `application "${app.slice(0, 64)}" is not served here; publish to "${this.#options.app}"`;
      wire.rejectConnect(transactionId, reason);
      this.#finish('bad_app', reason, 'flush');
      return;
    }
    this.#enter({ phase: 'connected', appPath: connect.app });
    wire.acceptConnect(transactionId, connect.enhanced);
  }

  #handlePublish(streamName: string, streamId: number): void {
    if (this.#state.phase !== 'connected') {
      throw new BarrageError('BAD_REQUEST', 'second publish on one connection');
    }
    const { appPath } = this.#state;
    // Nothing more is read, let alone parsed, until admission has answered.
    this.#connection.pause();
    this.#enter({ phase: 'admitting', appPath, streamId });
    void this.#admit(appPath, streamName);
  }

  async #admit(appPath: string, streamName: string): Promise<void> {
    const { remoteAddress } = this.#connection;
    try {
      const { app, key: streamKey } = parsePublishAddress(appPath, streamName);
      if (streamKey === '') throw new BarrageError('UNAUTHORIZED', 'stream key missing');
      const target = await this.#options.admit({ protocol: 'rtmp', app, streamKey, remoteAddress }, this);
      this.#start(target);
    } catch (error) {
      const { code, description } = describeAdmissionError(error);
      if (code === 'internal') this.#logger.error({ err: error }, 'RTMP admission failed');
      this.#refuse(code, description);
    }
  }

  #start(target: PublishTarget): void {
    const publication = new Publication(target, this.#logger);
    if (this.#state.phase !== 'admitting') {
      this.#endPublication(publication, 'connection closed before admission', false);
      return;
    }
    const { appPath, streamId } = this.#state;
    const { wire } = this.#connection;
    this.#idleBytes = 0;
    this.#enter({ phase: 'publishing', appPath, streamId, publication });
    this.#logger.info({}, 'RTMP publisher started');
    wire.sendStreamBegin(streamId);
    wire.sendStatus(streamId, {
      level: 'status',
      code: 'NetStream.Publish.Start',
      description: 'Publishing.',
    });
    this.#connection.resume();
  }

  #handleUnpublish(): void {
    if (this.#state.phase !== 'publishing') return;
    const { appPath, streamId, publication } = this.#state;
    this.#departure = 'unpublished';
    this.#enter({ phase: 'connected', appPath });
    this.#logger.info({ bytesIn: this.#connection.bytesIn }, 'RTMP publisher stopped');
    this.#endPublication(publication, 'unpublished', true);
    this.#connection.wire.sendStatus(streamId, {
      level: 'status',
      code: 'NetStream.Unpublish.Success',
      description: 'Unpublished.',
    });
  }

  #refusePlay(streamId: number): void {
    const description = 'this server does not play RTMP; use WHEP or HLS';
    const code = 'NetStream.Play.Failed';
    this.#connection.wire.sendStatus(streamId, { level: 'error', code, description });
    this.#finish('play_refused', description, 'flush');
  }

  #fail(error: unknown): void {
    const { code, description } = describeProtocolError(error);
    if (code === 'internal') this.#logger.error({ err: error }, 'RTMP session failed');
    this.#refuse(code, description);
  }

  /** Ends the connection with the status that fits the phase. */
  #refuse(code: CloseCode, description: string): void {
    const state = this.#state;
    if (state.phase === 'closed') return;
    const { wire } = this.#connection;
    if (state.phase === 'connecting') {
      wire.sendSettings();
      // A `connect` that cannot be read has no transaction id to answer; it is 1 by the book (7.2.1.1).
      wire.rejectConnect(1, description);
    } else if (state.phase === 'admitting' || state.phase === 'publishing') {
      const status = state.phase === 'admitting' ? 'BadName' : 'Rejected';
      wire.sendStatus(state.streamId, { level: 'error', code: `NetStream.Publish.${status}`, description });
    }
    this.#finish(code, description, state.phase === 'handshake' ? 'now' : 'flush');
  }

  /** The one way into `closed`. */
  #finish(code: CloseCode, reason: string, mode: 'now' | 'flush'): void {
    const state = this.#state;
    if (state.phase === 'closed') return;
    this.#state = { phase: 'closed' };
    clearTimeout(this.#timer);
    this.#connection.close(mode);
    this.#options.counters.countClosed(code);
    const quiet = code === 'left' || code === 'unpublished';
    if (state.phase === 'publishing') {
      this.#logger.info({ code, reason, bytesIn: this.#connection.bytesIn }, 'RTMP publisher gone');
      this.#endPublication(state.publication, reason, false);
    } else this.#logger[quiet ? 'debug' : 'warn']({ code, reason }, 'RTMP connection closed');
  }

  #endPublication(publication: Publication, reason: string, clean: boolean): void {
    try {
      publication.end(reason, clean);
    } catch (error) {
      this.#logger.error({ err: error }, 'RTMP publication did not end well');
    }
  }

  #handleGone(error: Error | undefined): void {
    this.#finish(this.#departure, error?.message ?? 'connection closed by the publisher', 'now');
    this.#options.onClosed(this);
  }

  #enter(state: LiveState): void {
    // One deadline covers everything from the handshake to `publish`.
    const sameDeadline = this.#state.phase === 'connecting' && state.phase === 'connected';
    this.#state = state;
    if (sameDeadline) return;
    const { limit, code } = DEADLINE[state.phase];
    const ms = this.#limits[limit];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refuse(code, `${state.phase}: over after ${ms} ms`), ms);
  }
}
