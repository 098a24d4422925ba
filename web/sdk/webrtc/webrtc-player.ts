// Plays a stream over WebRTC in a video element: opens a session, and another one with growing pauses when it
// ends. Neither chooses the transport nor draws anything.

import { backoffDelayMs } from '../../../server/protocol/backoff.ts';
import { startPlayback } from '../autoplay.ts';
import { Emitter } from '../emitter.ts';
import type { RoomClient } from '../room/room-client.ts';
import type { Playhead } from '../timing/playhead.ts';
import type { ServerClock } from '../timing/server-clock.ts';
import { FreezeWatch } from './freeze-watch.ts';
import { lendLanes } from './lane-link.ts';
import { roomSignalling, type Signalling } from './signalling.ts';
import { type ClockSource, VideoClock } from './video-clock.ts';
import { type SessionEnd, WebRtcSession } from './webrtc-session.ts';

/** `waiting`: the last session ended as `end` says; the next is opened at `retryAtMs` (local ms). */
export type WebRtcPlayerState =
  | { readonly status: 'idle' }
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'playing' }
  | {
      readonly status: 'waiting';
      readonly attempt: number;
      readonly retryAtMs: number;
      readonly end: SessionEnd;
    };

/** `connected` comes just before the video element is given the stream; `ended` before a retry is planned. */
export interface WebRtcPlayerEvents {
  state: WebRtcPlayerState;
  connected: undefined;
  ended: { readonly end: SessionEnd; readonly wasPlaying: boolean };
}

export interface WebRtcPlayerOptions {
  readonly video: HTMLVideoElement;
  readonly playhead: Playhead;
  readonly clock: ServerClock;
  readonly signalling: Signalling;
  /** With a room its events move to the data channels, and its stream state says when to expect a picture. */
  readonly room?: RoomClient;
  readonly connectTimeoutMs?: number;
}

const RETRY = { minMs: 500, maxMs: 15_000 };

/** WebRTC support of this browser. */
export function canPlayWebRtc(): boolean {
  return typeof RTCPeerConnection === 'function';
}

/** A WebRTC player for a room, signalled over the room's WebSocket. */
export function createRoomPlayer(
  room: RoomClient,
  options: Pick<WebRtcPlayerOptions, 'video' | 'playhead' | 'connectTimeoutMs'>,
): WebRtcPlayer {
  return new WebRtcPlayer({ ...options, room, clock: room.clock, signalling: roomSignalling(room) });
}

/** `start()` and `stop()` as often as wanted. */
export class WebRtcPlayer extends Emitter<WebRtcPlayerEvents> {
  readonly #options: WebRtcPlayerOptions;
  #state: WebRtcPlayerState = { status: 'idle' };
  #session: WebRtcSession | undefined;
  #videoClock: VideoClock | undefined;
  #freezeWatch: FreezeWatch | undefined;
  #layer: number | null = null;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WebRtcPlayerOptions) {
    super();
    this.#options = options;
    if (options.room) this.#followRoom(options.room);
  }

  get state(): WebRtcPlayerState {
    return this.#state;
  }

  /** How the playhead learns what is shown. */
  get clockSource(): ClockSource {
    return this.#videoClock?.source ?? 'none';
  }

  /** For statistics; undefined between sessions. */
  get connection(): RTCPeerConnection | undefined {
    return this.#session?.connection;
  }

  start(): void {
    if (this.#state.status !== 'idle') return;
    this.#attempt = 0;
    this.#openSession();
  }

  stop(): void {
    clearTimeout(this.#timer);
    const session = this.#session;
    this.#session = undefined;
    session?.close({ kind: 'page' });
    this.#detach();
    this.#setState({ status: 'idle' });
  }

  /** Pins the simulcast layer with that index, null for automatic; kept for later sessions. */
  setLayer(layer: number | null): void {
    this.#layer = layer;
    this.#applyLayer();
  }

  #followRoom(room: RoomClient): void {
    let server = room.hello?.session;
    room.on('webrtc', (event) => {
      if (event.state !== 'closed' || event.sessionId !== this.#session?.id) return;
      this.#session.close({ kind: 'server', reason: event.reason });
    });
    room.on('hello', (hello) => {
      const renewed = server !== undefined && server !== hello.session;
      server = hello.session;
      // A WebRTC session lives and dies with the connection it was agreed over.
      if (renewed)
        this.#session?.close({ kind: 'server', reason: 'the connection to the room is a new one' });
    });
  }

  #openSession(): void {
    const { signalling, room, connectTimeoutMs } = this.#options;
    const session = new WebRtcSession({
      signalling,
      lanes: room !== undefined,
      ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    });
    this.#session = session;
    if (room) lendLanes(session.lanes, room);
    session.on('connected', () => this.#handleConnected(session));
    session.on('closed', (end) => this.#handleClosed(session, end));
    this.#setState({ status: 'connecting', attempt: this.#attempt });
    void session.open();
  }

  #handleConnected(session: WebRtcSession): void {
    if (this.#session !== session) return;
    this.emit('connected', undefined);
    this.#attach(session);
    this.#setState({ status: 'playing' });
    if (this.#layer !== null) this.#applyLayer();
  }

  #handleClosed(session: WebRtcSession, end: SessionEnd): void {
    if (this.#session !== session) return;
    // Connected without ever a picture is no better than not connected.
    const wasPlaying = this.#state.status === 'playing' && this.clockSource !== 'none';
    this.#session = undefined;
    this.#stopWatching();
    const delayMs = wasPlaying ? 0 : backoffDelayMs(this.#attempt, RETRY);
    this.#attempt = wasPlaying ? 0 : this.#attempt + 1;
    this.#timer = setTimeout(() => this.#openSession(), delayMs);
    const retryAtMs = Date.now() + delayMs;
    this.#setState({ status: 'waiting', attempt: this.#attempt, retryAtMs, end });
    // Last, because a listener may well stop this player.
    this.emit('ended', { end, wasPlaying });
  }

  #attach(session: WebRtcSession): void {
    const { video, playhead, clock } = this.#options;
    const { connection, answer } = session;
    this.#stopWatching();
    video.srcObject = session.stream;
    playhead.start();
    this.#videoClock = new VideoClock({ video, connection, answer, clock, playhead });
    this.#freezeWatch = new FreezeWatch({
      connection,
      expected: () => this.#options.room === undefined || this.#options.room.stream.state === 'live',
      frozen: () => session.close({ kind: 'frozen' }),
    });
    void startPlayback(video);
  }

  /** Leaves the last picture standing: a session that follows at once then shows no black in between. */
  #stopWatching(): void {
    this.#videoClock?.stop();
    this.#freezeWatch?.stop();
  }

  #detach(): void {
    this.#stopWatching();
    if (!this.#videoClock) return;
    this.#videoClock = undefined;
    this.#options.video.srcObject = null;
    this.#options.playhead.stop();
  }

  #applyLayer(): void {
    const id = this.#session?.id;
    if (id === undefined || this.#state.status !== 'playing') return;
    // A session that is just ending cannot change layers; the next one gets the choice again.
    this.#options.signalling.setLayer?.(id, this.#layer).catch(() => undefined);
  }

  #setState(state: WebRtcPlayerState): void {
    this.#state = state;
    this.emit('state', state);
  }
}
