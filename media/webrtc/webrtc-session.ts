// One viewer over WebRTC: from the answer to its offer until it goes. Made and owned by a room.
import { EventEmitter } from 'node:events';
import type { types } from 'mediasoup';
import { BarrageError } from '../../core/errors.ts';
import { createShortId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { DataLane } from './data-lanes.ts';
import { parseIceFragment } from './ice-fragment.ts';
import { LAYER_SLOTS } from './layer-slots.ts';
import { LossAdaptation } from './loss-adaptation.ts';
import { type IceAnswer, writeAnswer, writeIceFragment } from './sdp-answer.ts';
import { parseOffer, type SdpOffer, servedMedia } from './sdp-offer.ts';
import { describeConsumer, describeIce, type SessionMedia, setLanesOpen } from './session-media.ts';
import { readSessionStats, type SessionStats } from './session-stats.ts';

/** What a {@link WebRtcSession} is made with. */
export interface WebRtcSessionOptions {
  readonly id: string;
  readonly offer: SdpOffer;
  readonly media: SessionMedia;
  readonly cname: string;
  readonly deadlines: SessionDeadlines;
  /** Indexes of the layers now on offer, rising. */
  readonly listLayers: () => readonly number[];
  readonly logger: Logger;
}

/** How long a session may take over things, milliseconds. */
export interface SessionDeadlines {
  /** From the answer to a working connection. */
  readonly connectMs: number;
  /** From a lost connection to the end of the session: time for an ICE restart. */
  readonly interruptedMs: number;
}

export interface WebRtcSessionEvents {
  /** ICE and DTLS are up; again after every interruption. */
  connected: [];
  /** A frame the viewer sent on its `value` data channel. */
  message: [frame: string];
  /** The layer now sent, null when none. */
  layer: [layer: number | null];
  /** A lane's send buffer is full: the viewer is slower than what is sent to it, and frames are lost. */
  laneFull: [lane: DataLane];
  closed: [reason: string];
}

/** Where a session stands; times in ms since the Unix epoch. */
export type SessionState =
  | { readonly name: 'connecting'; readonly sinceMs: number }
  | { readonly name: 'connected'; readonly sinceMs: number }
  | { readonly name: 'interrupted'; readonly sinceMs: number }
  | { readonly name: 'closed'; readonly sinceMs: number; readonly reason: string };

/** Plain snapshot of a session. */
export interface SessionDescription extends SessionStats {
  readonly id: string;
  readonly state: SessionState;
  readonly layer: number | null;
  readonly protocol: 'udp' | 'tcp' | undefined;
  readonly dataChannels: boolean;
}

const ADAPTATION_INTERVAL_MS = 1_000;

/** See the head of this file. */
export class WebRtcSession extends EventEmitter<WebRtcSessionEvents> {
  readonly id: string;
  /** The SDP answer. */
  readonly answer: string;
  readonly #media: SessionMedia;
  readonly #options: WebRtcSessionOptions;
  #offer: SdpOffer;
  #state: SessionState = { name: 'connecting', sinceMs: Date.now() };
  #timer: NodeJS.Timeout | undefined;
  #adaptationTimer: NodeJS.Timeout | undefined;
  readonly #adaptation = new LossAdaptation();
  #preferredLayer: number | null = null;
  #layer: number | null = null;
  #stats: SessionStats = { bytesSent: 0, packetsLost: 0, roundTripMs: 0, availableBitrateBps: 0 };

  constructor(options: WebRtcSessionOptions) {
    super();
    this.#options = options;
    this.#offer = options.offer;
    this.#media = options.media;
    this.id = options.id;
    this.answer = this.#writeAnswer(describeIce(options.media.transport));
    this.#timer = setTimeout(() => this.close('never connected'), options.deadlines.connectMs);
    this.#listen();
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The layer now sent, null when none. */
  get layer(): number | null {
    return this.#layer;
  }

  /**
   * Answers an ICE restart with a full new offer: the same sections and certificate, new ICE credentials.
   * @throws BarrageError `BAD_REQUEST` when the offer is of another connection; `CONFLICT` once closed
   */
  async restart(sdp: string): Promise<string> {
    const offer = parseOffer(sdp, this.#offer);
    const same =
      offer.fingerprints[0]?.value === this.#offer.fingerprints[0]?.value &&
      sectionKey(offer) === sectionKey(this.#offer);
    if (!same) throw new BarrageError('BAD_REQUEST', 'the offer is not one of this session, open a new one');
    this.#offer = offer;
    return this.#writeAnswer(await this.#restartIce());
  }

  /**
   * Takes a trickle-ice-sdpfrag (RFC 9725 4.3). Candidates need nothing, we are ICE-lite: undefined.
   * New credentials restart ICE: the fragment to answer with.
   * @throws BarrageError `BAD_REQUEST`, `TOO_LARGE`; `CONFLICT` once closed
   */
  async patch(fragment: string): Promise<string | undefined> {
    const { ufrag } = parseIceFragment(fragment);
    if (ufrag === undefined || ufrag === this.#offer.iceUfrag) return undefined;
    const ice = await this.#restartIce();
    this.#offer = { ...this.#offer, iceUfrag: ufrag };
    return writeIceFragment(this.#offer, ice);
  }

  /**
   * The highest layer to send; null lets bandwidth alone decide. Less is sent when bandwidth is short.
   * @throws BarrageError `BAD_REQUEST` for an index that cannot be
   */
  async setPreferredLayer(layer: number | null): Promise<void> {
    if (layer !== null && (!Number.isInteger(layer) || layer < 0 || layer >= LAYER_SLOTS)) {
      throw new BarrageError('BAD_REQUEST', `layer ${layer} is not within 0-${LAYER_SLOTS - 1}`);
    }
    if (this.#state.name === 'closed') return;
    this.#preferredLayer = layer;
    await this.#applyLayer();
  }

  /** Sends one frame to this viewer alone, on the `value` channel; needs no {@link resumeLanes}. */
  send(frame: string): void {
    const lane = this.#media.data?.lanes.get('value');
    if (!lane || this.#state.name === 'closed') return;
    lane.send(frame).catch((error: unknown) => {
      // The worker refuses when its buffer is full (told as laneFull too) or the session is closing.
      this.#options.logger.debug({ session: this.id, err: error }, 'frame not sent');
    });
  }

  /** Lets the room's broadcasts flow to this viewer: they do not until then. */
  async resumeLanes(): Promise<void> {
    if (this.#media.data && this.#state.name !== 'closed') await setLanesOpen(this.#media.data, true);
  }

  /** Stops the room's broadcasts to this viewer. */
  async pauseLanes(): Promise<void> {
    if (this.#media.data && this.#state.name !== 'closed') await setLanesOpen(this.#media.data, false);
  }

  /** Asks the worker for fresh figures, which {@link describe} then shows. */
  async refreshStats(): Promise<void> {
    if (this.#state.name === 'closed') return;
    this.#stats = await readSessionStats(this.#media, this.#stats);
  }

  /** Plain snapshot; figures are as of the last {@link refreshStats}. */
  describe(): SessionDescription {
    const protocol = this.#media.transport.iceSelectedTuple?.protocol;
    const { id } = this;
    const dataChannels = this.#media.data !== undefined;
    return { id, state: this.#state, layer: this.#layer, protocol, dataChannels, ...this.#stats };
  }

  /** Ends the session and frees what it had in the worker. Idempotent; `closed` fires once and last. */
  close(reason: string): void {
    if (this.#state.name === 'closed') return;
    this.#setState({ name: 'closed', sinceMs: Date.now(), reason });
    clearInterval(this.#adaptationTimer);
    this.#media.data?.upstream.close();
    this.#media.transport.close();
    this.emit('closed', reason);
    this.removeAllListeners();
  }

  async #applyLayer(): Promise<void> {
    const highest = LAYER_SLOTS - 1;
    const spatialLayer = Math.min(this.#preferredLayer ?? highest, this.#adaptation.cap ?? highest);
    await this.#media.video?.setPreferredLayers({ spatialLayer });
  }

  #adapt(video: types.Consumer): void {
    const observation = { score: video.score.score, layers: this.#options.listLayers(), nowMs: Date.now() };
    if (this.#state.name !== 'connected' || !this.#adaptation.observe(observation)) return;
    this.#applyLayer().catch((error: unknown) => {
      this.#options.logger.debug({ session: this.id, err: error }, 'layer not applied');
    });
  }

  #setState(state: SessionState): void {
    clearTimeout(this.#timer);
    this.#state = state;
  }

  #listen(): void {
    const { transport, video, data } = this.#media;
    transport.on('icestatechange', () => this.#handleConnection());
    transport.on('dtlsstatechange', () => this.#handleConnection());
    transport.on('routerclose', () => this.close('worker gone'));
    transport.on('listenserverclose', () => this.close('worker gone'));
    video?.on('layerschange', (layers) => this.#handleLayers(layers));
    if (video && !this.#media.hasBandwidthEstimate) {
      this.#adaptationTimer = setInterval(() => this.#adapt(video), ADAPTATION_INTERVAL_MS);
    }
    data?.upstream.on('message', (message) => this.emit('message', message.toString('utf8')));
    for (const [lane, consumer] of data?.lanes ?? []) {
      consumer.on('sctpsendbufferfull', () => this.emit('laneFull', lane));
    }
  }

  #handleConnection(): void {
    if (this.#state.name === 'closed') return;
    const { iceState, dtlsState } = this.#media.transport;
    if (dtlsState === 'failed') this.close('DTLS failed');
    else if (dtlsState === 'closed') this.close('closed by the viewer');
    else if (iceState === 'disconnected') this.#interrupt();
    else if (dtlsState === 'connected' && (iceState === 'connected' || iceState === 'completed'))
      this.#connect();
  }

  #connect(): void {
    if (this.#state.name === 'connected') return;
    this.#setState({ name: 'connected', sinceMs: Date.now() });
    this.emit('connected');
  }

  #interrupt(): void {
    if (this.#state.name !== 'connected') return;
    this.#setState({ name: 'interrupted', sinceMs: Date.now() });
    this.#timer = setTimeout(() => this.close('connection lost'), this.#options.deadlines.interruptedMs);
  }

  #handleLayers(layers: types.ConsumerLayers | undefined): void {
    const layer = layers?.spatialLayer ?? null;
    if (layer === this.#layer) return;
    this.#layer = layer;
    this.emit('layer', layer);
  }

  async #restartIce(): Promise<IceAnswer> {
    if (this.#state.name === 'closed') throw new BarrageError('CONFLICT', `session ${this.id} is closed`);
    return describeIce(this.#media.transport, await this.#media.transport.restartIce());
  }

  #writeAnswer(ice: IceAnswer): string {
    const { transport, data } = this.#media;
    const fingerprints = transport.dtlsParameters.fingerprints;
    const fingerprint = fingerprints.find((each) => each.algorithm === 'sha-256') ?? fingerprints[0];
    if (!fingerprint) throw new BarrageError('INTERNAL', 'transport without fingerprint');
    const sctp = transport.sctpParameters;
    return writeAnswer(this.#offer, {
      ice,
      fingerprint,
      sessionId: String(Math.floor(Math.random() * 2 ** 52)),
      cname: this.#options.cname,
      media: new Map(
        servedMedia(this.#offer).map((section) => [
          section.mid,
          describeConsumer(this.#media, section, this.#offer),
        ]),
      ),
      sctp: data && sctp ? { port: sctp.port, maxMessageSize: sctp.maxReceiveMessageSize } : undefined,
    });
  }
}

/** A session id: unguessable, since it is what a WHEP client deletes its session by. */
export function createSessionId(): string {
  return `${createShortId()}${createShortId()}${createShortId()}`;
}

function sectionKey(offer: SdpOffer): string {
  return offer.sections.map((section) => `${section.mid} ${section.kind}`).join();
}
