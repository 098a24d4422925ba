// Plays a room in a video element, by WebRTC when that works and by HLS when it does not, and keeps the
// playhead. Draws nothing: a page puts its controls around it.
import type { LayerInfo } from '../../server/protocol/wire.ts';
import { Emitter, type Unsubscribe } from './emitter.ts';
import { HlsPlayer } from './hls/hls-player.ts';
import { type Level, pickLevel, type QualityChoice } from './quality.ts';
import type { RoomClient } from './room/room-client.ts';
import { Playhead } from './timing/playhead.ts';
import {
  firstTransport,
  shouldFallBack,
  type Transport,
  type TransportChoice,
  webrtcRetryMs,
} from './transport-choice.ts';
import { canPlayWebRtc, createRoomPlayer, type WebRtcPlayer } from './webrtc/webrtc-player.ts';
import type { SessionEnd } from './webrtc/webrtc-session.ts';

/**
 * `idle`: stopped, or nobody publishes. `starting`: no picture yet. `playing`. `stalled`: the picture stands
 * still for want of data. `trouble`: the transport failed with `reason` and is tried again.
 */
export type PlayerState =
  | { readonly status: 'idle' }
  | { readonly status: 'starting' | 'playing' | 'stalled'; readonly transport: Transport }
  | { readonly status: 'trouble'; readonly transport: Transport; readonly reason: string };

export interface PlayerEvents {
  state: PlayerState;
  /** The qualities of the transport now used, lowest first. */
  levels: readonly Level[];
  /** The quality shown now, by its index; null when not known. */
  level: number | null;
}

export interface PlayerOptions {
  readonly video: HTMLVideoElement;
  readonly room: RoomClient;
  /** The room's multivariant playlist, for example `/live/ROOM/index.m3u8`. */
  readonly hlsUrl: string;
  /** Default `auto`. */
  readonly transport?: TransportChoice;
}

/** Follows the room's stream: plays when it goes live, stops when it ends. */
export class Player extends Emitter<PlayerEvents> {
  readonly playhead = new Playhead();
  readonly #video: HTMLVideoElement;
  readonly #room: RoomClient;
  readonly #webrtc: WebRtcPlayer;
  readonly #hls: HlsPlayer;
  readonly #subscriptions: Unsubscribe[];
  readonly #listening = new AbortController();
  #state: PlayerState = { status: 'idle' };
  #choice: TransportChoice;
  #transport: Transport = 'webrtc';
  #quality: QualityChoice = { kind: 'auto' };
  #hlsLevels: readonly Level[] = [];
  #webrtcLevels: readonly Level[] = [];
  #started = false;
  #webrtcFailures = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: PlayerOptions) {
    super();
    const { video, room, hlsUrl } = options;
    this.#video = video;
    this.#room = room;
    this.#choice = options.transport ?? 'auto';
    this.#webrtc = createRoomPlayer(room, { video, playhead: this.playhead });
    this.#hls = new HlsPlayer({ video, playhead: this.playhead, url: hlsUrl });
    this.#subscriptions = this.#subscribe();
    this.#listenToVideo();
  }

  get state(): PlayerState {
    return this.#state;
  }

  get transportChoice(): TransportChoice {
    return this.#choice;
  }

  get transport(): Transport {
    return this.#transport;
  }

  get levels(): readonly Level[] {
    return this.#transport === 'webrtc' ? this.#webrtcLevels : this.#hlsLevels;
  }

  get quality(): QualityChoice {
    return this.#quality;
  }

  /** How far the picture is behind the server's clock, ms; undefined while unknown. */
  get latencyMs(): number | undefined {
    const reading = this.playhead.read();
    if (reading.state !== 'known' || !this.#room.clock.known) return undefined;
    return this.#room.clock.nowMs() - reading.mediaMs;
  }

  /** The WebRTC side, for statistics. */
  get webrtc(): WebRtcPlayer {
    return this.#webrtc;
  }

  /** Plays as soon as the stream is live. */
  start(): void {
    this.#started = true;
    this.#follow(this.#room.stream.state);
  }

  /** Stops playing; {@link start} resumes. */
  stop(): void {
    this.#started = false;
    this.#stopTransports();
  }

  /** Stops for good and lets go of the room and the element. */
  close(): void {
    this.stop();
    this.#listening.abort();
    for (const unsubscribe of this.#subscriptions) unsubscribe();
  }

  chooseTransport(choice: TransportChoice): void {
    this.#choice = choice;
    this.#webrtcFailures = 0;
    const wanted = firstTransport(choice, canPlayWebRtc());
    if (this.#state.status !== 'idle' && wanted !== this.#transport) this.#use(wanted);
    clearTimeout(this.#retryTimer);
  }

  chooseQuality(choice: QualityChoice): void {
    this.#quality = choice;
    this.#applyQuality();
  }

  /** Back to the live edge after a pause. */
  resume(): void {
    if (this.#transport === 'hls') this.#hls.seekToLive();
    void this.#video.play().catch(() => undefined);
  }

  #subscribe(): Unsubscribe[] {
    const room = this.#room;
    return [
      room.on('stream', (stream) => {
        if (stream.state === 'live') this.#setLayers(stream.layers);
        this.#follow(stream.state);
      }),
      room.on('webrtc', (event) => {
        if (event.state === 'layer' && this.#transport === 'webrtc') this.emit('level', event.layer);
      }),
      this.#webrtc.on('connected', () => this.#handleWebRtcConnected()),
      this.#webrtc.on('ended', ({ end, wasPlaying }) => this.#handleWebRtcEnd(end, wasPlaying)),
      this.#hls.on('levels', (levels) => this.#setHlsLevels(levels)),
      this.#hls.on('level', (level) => this.emit('level', level)),
      this.#hls.on('state', (state) => {
        if (state.status !== 'waiting') return;
        this.#setState({ status: 'trouble', transport: 'hls', reason: state.error });
      }),
    ];
  }

  #listenToVideo(): void {
    const { signal } = this.#listening;
    const on = (type: string, listener: () => void) =>
      this.#video.addEventListener(type, listener, { signal });
    on('playing', () => this.#follows('playing'));
    on('waiting', () => this.#follows('stalled'));
    on('pause', () => this.playhead.setPaused(true));
    on('play', () => this.playhead.setPaused(false));
  }

  #follows(status: 'playing' | 'stalled'): void {
    const current = this.#state.status;
    if (current === 'idle' || (status === 'stalled' && current !== 'playing')) return;
    this.#setState({ status, transport: this.#transport });
  }

  #follow(streamState: 'waiting' | 'live' | 'interrupted'): void {
    if (streamState === 'waiting') this.#stopTransports();
    if (!this.#started || streamState !== 'live' || this.#state.status !== 'idle') return;
    this.#use(firstTransport(this.#choice, canPlayWebRtc()));
  }

  #use(transport: Transport): void {
    clearTimeout(this.#retryTimer);
    this.#webrtc.stop();
    this.#hls.stop();
    this.#transport = transport;
    this.#setState({ status: 'starting', transport });
    this.#publishLevels();
    if (transport === 'webrtc') this.#webrtc.start();
    else this.#hls.start();
  }

  #handleWebRtcConnected(): void {
    this.#webrtcFailures = 0;
    if (this.#transport === 'webrtc') return;
    // The attempt made from HLS worked: the element is about to be given the WebRTC stream.
    this.#hls.stop();
    this.#transport = 'webrtc';
    this.#publishLevels();
    this.#setState({ status: 'starting', transport: 'webrtc' });
  }

  #handleWebRtcEnd(end: SessionEnd, wasPlaying: boolean): void {
    if (this.#transport === 'hls') {
      this.#planWebRtcRetry();
    } else if (shouldFallBack(this.#choice, end, wasPlaying)) {
      this.#use('hls');
      this.#planWebRtcRetry();
    } else {
      this.#setState({ status: 'trouble', transport: 'webrtc', reason: describeEnd(end) });
    }
  }

  /** From HLS, by and by, WebRTC again: the network may have changed. */
  #planWebRtcRetry(): void {
    this.#webrtc.stop();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#webrtc.start(), webrtcRetryMs(this.#webrtcFailures++));
  }

  #stopTransports(): void {
    clearTimeout(this.#retryTimer);
    this.#webrtc.stop();
    this.#hls.stop();
    this.#setState({ status: 'idle' });
  }

  #setLayers(layers: readonly LayerInfo[]): void {
    this.#webrtcLevels = layers.map(({ index, name, height }) => ({ index, name, height }));
    if (this.#transport === 'webrtc') this.#publishLevels();
  }

  #setHlsLevels(levels: readonly Level[]): void {
    this.#hlsLevels = levels;
    if (this.#transport === 'hls') this.#publishLevels();
  }

  #publishLevels(): void {
    this.emit('levels', this.levels);
    this.#applyQuality();
  }

  #applyQuality(): void {
    const index = pickLevel(this.levels, this.#quality);
    if (this.#transport === 'webrtc') this.#webrtc.setLayer(index);
    else this.#hls.setLevel(index);
  }

  #setState(state: PlayerState): void {
    this.#state = state;
    this.emit('state', state);
  }
}

/** A session's end as a short English phrase. */
export function describeEnd(end: SessionEnd): string {
  if (end.kind === 'refused') return end.error.message;
  if (end.kind === 'server') return end.reason;
  const phrases = {
    unreachable: 'the media port cannot be reached',
    lost: 'the connection was lost',
    frozen: 'no picture came',
    page: 'stopped',
  };
  return phrases[end.kind];
}
