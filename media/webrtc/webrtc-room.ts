// A room's WebRTC side: one feed of RTP streams, an outlet for each worker and payload mapping in use, and the
// viewers' sessions. It outlives publishers: viewers stay connected while none is there.
import { EventEmitter } from 'node:events';
import { type Clock, systemClock } from '../../core/clock.ts';
import { BarrageError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { RenditionPort } from '../../core/rendition.ts';
import type { PacerOptions } from '../rtp/pacer.ts';
import type { DataLane } from './data-lanes.ts';
import { OutletPool } from './outlet-pool.ts';
import { requiredMapping } from './payload-mapping.ts';
import { RoomFeed, type VideoLayer } from './room-feed.ts';
import { type OfferOrigin, parseOffer, type SdpOffer, servedMedia } from './sdp-offer.ts';
import { openSessionMedia } from './session-media.ts';
import {
  createSessionId,
  type SessionDeadlines,
  type SessionDescription,
  WebRtcSession,
} from './webrtc-session.ts';
import type { WorkerPool } from './worker-pool.ts';

/** Bounds and times of a room; see {@link DEFAULT_ROOM_LIMITS}. */
export interface WebRtcRoomLimits extends SessionDeadlines {
  readonly maxSessions: number;
  /** Sessions of one room that stay on its first worker before the next one is used. */
  readonly sessionsPerWorker: number;
  /** Outlets (workers times payload mappings); a mapping too many is refused. */
  readonly maxOutlets: number;
  /** How long an outlet without sessions is kept for the next viewer. */
  readonly outletIdleMs: number;
  /** 10-60: seconds of silence after which ICE counts as disconnected; mediasoup takes no less. */
  readonly iceConsentTimeoutS: number;
  readonly startBitrateBps: number;
}

export const DEFAULT_ROOM_LIMITS: WebRtcRoomLimits = {
  maxSessions: 2000,
  sessionsPerWorker: 250,
  maxOutlets: 16,
  outletIdleMs: 30_000,
  iceConsentTimeoutS: 10,
  startBitrateBps: 3_000_000,
  connectMs: 15_000,
  interruptedMs: 5_000,
};

/** What a {@link WebRtcRoom} is made with. */
export interface WebRtcRoomOptions {
  readonly id: string;
  readonly pool: WorkerPool;
  readonly logger: Logger;
  readonly limits?: Partial<WebRtcRoomLimits> | undefined;
  readonly clock?: Clock | undefined;
  readonly pacer?: PacerOptions | undefined;
  /** Throws when the plane as a whole takes no more sessions. */
  readonly admit?: (() => void) | undefined;
}

export interface WebRtcRoomEvents {
  sessionOpened: [session: WebRtcSession];
  sessionClosed: [session: WebRtcSession, reason: string];
  /** The simulcast layers on offer changed. */
  layers: [layers: readonly VideoLayer[]];
  closed: [reason: string];
}

/** A viewer's wish: its offer, whether it wants data channels (default true), and who made the offer. */
export interface SessionRequest extends OfferOrigin {
  readonly offer: string;
  readonly dataChannels?: boolean;
}

/** Plain snapshot of a room. */
export interface WebRtcRoomDescription {
  readonly id: string;
  readonly sessions: number;
  readonly outlets: number;
  readonly layers: readonly VideoLayer[];
  /** What the pacer adds from media time to departure, ms. */
  readonly paceDelayMs: number;
  readonly bytesSent: number;
}

/** See the head of this file. Made by `WebRtcPlane.openRoom`. */
export class WebRtcRoom extends EventEmitter<WebRtcRoomEvents> {
  readonly id: string;
  readonly #options: WebRtcRoomOptions;
  readonly #limits: WebRtcRoomLimits;
  readonly #log: Logger;
  readonly #feed: RoomFeed;
  readonly #outlets: OutletPool;
  readonly #sessions = new Map<string, WebRtcSession>();
  #opening = 0;
  #bytesOfClosed = 0;
  #state: 'open' | 'closed' = 'open';

  constructor(options: WebRtcRoomOptions) {
    super();
    this.setMaxListeners(0);
    this.id = options.id;
    this.#options = options;
    this.#limits = { ...DEFAULT_ROOM_LIMITS, ...options.limits };
    this.#log = options.logger.child({ room: options.id });
    this.#feed = new RoomFeed({
      clock: options.clock ?? systemClock,
      logger: this.#log,
      pacer: options.pacer,
      send: (kind, stream, unit) => this.#outlets.send(kind, stream, unit),
    });
    this.#outlets = new OutletPool({
      pool: options.pool,
      limits: this.#limits,
      cname: `room-${options.id}`,
      ssrcs: this.#feed.ssrcs,
      clockOffsets: this.#feed.clockOffsets,
      onDemand: (on) => this.#feed.setDemand(on),
    });
    this.#feed.on('layers', (layers) => this.emit('layers', layers));
  }

  /** The simulcast layers now on offer, smallest first. */
  get layers(): readonly VideoLayer[] {
    return this.#feed.layers;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  /** Whether any rendition feeds the room. */
  get live(): boolean {
    return this.#feed.live;
  }

  findSession(id: string): WebRtcSession | undefined {
    return this.#sessions.get(id);
  }

  /** The sessions now open. */
  listSessions(): WebRtcSession[] {
    return [...this.#sessions.values()];
  }

  /** Sends a rendition to viewers until it closes; false when its codec is neither H.264 nor Opus. */
  attachRendition(rendition: RenditionPort): boolean {
    return this.#feed.attach(rendition);
  }

  /** Stops sending a rendition before it closes. */
  detachRendition(rendition: RenditionPort): void {
    this.#feed.detach(rendition);
  }

  /**
   * Opens a session for a viewer's SDP offer; its `answer` is to be sent back.
   * @throws BarrageError `BAD_REQUEST`, `TOO_LARGE`, `UNSUPPORTED_MEDIA` (see parseOffer), `OVERLOADED` at a
   *   limit, `UNAVAILABLE` when no worker is up, `CONFLICT` once the room is closed
   */
  async answer(request: SessionRequest): Promise<WebRtcSession> {
    const offer = parseOffer(request.offer, request);
    this.#admit();
    this.#opening++;
    try {
      return await this.#open(offer, request.dataChannels ?? true);
    } finally {
      this.#opening--;
    }
  }

  /** Sends a frame to every viewer whose lanes are resumed. */
  broadcast(lane: DataLane, frame: string): void {
    this.#outlets.broadcast(lane, frame);
  }

  /** Plain snapshot for metrics. */
  describe(): WebRtcRoomDescription {
    let bytesSent = this.#bytesOfClosed;
    for (const session of this.#sessions.values()) bytesSent += session.describe().bytesSent;
    return {
      id: this.id,
      sessions: this.#sessions.size,
      outlets: this.#outlets.size,
      layers: this.layers,
      paceDelayMs: Math.round(this.#feed.delayUs / 1000),
      bytesSent,
    };
  }

  /** Plain snapshots of the sessions. */
  describeSessions(): SessionDescription[] {
    return this.listSessions().map((session) => session.describe());
  }

  /** Ends every session and frees the workers. Idempotent. */
  close(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    for (const session of this.listSessions()) session.close(reason);
    this.#feed.close();
    this.#outlets.close(reason);
    this.emit('closed', reason);
    this.removeAllListeners();
  }

  #admit(): void {
    if (this.#state === 'closed') throw new BarrageError('CONFLICT', `room ${this.id} is closed`);
    if (this.#sessions.size + this.#opening >= this.#limits.maxSessions) {
      throw new BarrageError('OVERLOADED', `room ${this.id} has its ${this.#limits.maxSessions} viewers`);
    }
    this.#options.admit?.();
  }

  async #open(offer: SdpOffer, dataChannels: boolean): Promise<WebRtcSession> {
    await using lease = await this.#outlets.lease(requiredMapping(servedMedia(offer)));
    const { iceConsentTimeoutS, startBitrateBps } = this.#limits;
    const settings = { iceConsentTimeoutS, startBitrateBps, offer, dataChannels };
    const media = await openSessionMedia({ outlet: lease.outlet, ...settings });
    if (this.#state === 'closed' || lease.outlet.closed) {
      media.transport.close();
      throw new BarrageError('UNAVAILABLE', `room ${this.id} closed meanwhile`);
    }
    const release = lease.keep();
    const session = this.#createSession(offer, media);
    session.once('closed', (reason) => {
      release();
      this.#forget(session, reason);
    });
    this.#sessions.set(session.id, session);
    this.emit('sessionOpened', session);
    return session;
  }

  #createSession(offer: SdpOffer, media: Awaited<ReturnType<typeof openSessionMedia>>): WebRtcSession {
    const { connectMs, interruptedMs } = this.#limits;
    const id = createSessionId();
    const logger = this.#log.child({ session: id });
    const cname = `room-${this.id}`;
    const deadlines = { connectMs, interruptedMs };
    const listLayers = (): number[] => this.layers.map((layer) => layer.index);
    return new WebRtcSession({ id, offer, media, cname, logger, deadlines, listLayers });
  }

  #forget(session: WebRtcSession, reason: string): void {
    this.#bytesOfClosed += session.describe().bytesSent;
    this.#sessions.delete(session.id);
    this.#log.debug({ session: session.id, reason }, 'viewer left');
    this.emit('sessionClosed', session, reason);
  }
}
