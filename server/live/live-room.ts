// A room's media: the stream, the ladder made from it, and the outputs that carry both to viewers.
// Everything of the interaction (danmaku, likes) is in server/rooms/ and sees this through LiveRoomPort.
import { EventEmitter } from 'node:events';
import { usToMs } from '../../core/clock.ts';
import { BarrageError } from '../../core/errors.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import type { PublishRequest, PublishTarget } from '../../media/ingest/ingest-port.ts';
import type { Rendition } from '../../media/stream/rendition.ts';
import { Stream, type StreamOptions, type StreamState } from '../../media/stream/stream.ts';
import type { WebRtcPlane } from '../../media/webrtc/webrtc-plane.ts';
import type { WebRtcRoom } from '../../media/webrtc/webrtc-room.ts';
import type { HlsOptions } from '../../transcoder/hls/hls-options.ts';
import type { Lane, StreamInfo } from '../protocol/wire.ts';
import { HlsOutlet } from './hls-outlet.ts';
import { LadderRunner, type LadderRunnerOptions } from './ladder-runner.ts';
import type {
  LiveRoomDescription,
  LiveRoomEvents,
  LiveRoomPort,
  MediaResource,
  RenditionDescription,
  WebRtcSessionOptions,
  WebRtcSessionPort,
} from './live-port.ts';

/** What a room's media is made with. */
export interface LiveRoomOptions {
  readonly id: string;
  readonly stream: Omit<StreamOptions, 'id' | 'logger'>;
  readonly hls: HlsOptions;
  readonly runner: Omit<LadderRunnerOptions, 'stream' | 'logger'>;
  readonly plane: WebRtcPlane;
  readonly logger: Logger;
}

/** See {@link LiveRoomPort}. */
export class LiveRoom extends EventEmitter<LiveRoomEvents> implements LiveRoomPort {
  readonly #options: LiveRoomOptions;
  readonly #logger: Logger;
  readonly #stream: Stream;
  readonly #hls: HlsOutlet;
  #webrtc: Promise<WebRtcRoom> | undefined;
  #openWebRtcRoom: WebRtcRoom | undefined;
  #ladder: LadderRunner | undefined;
  /** Ladders of past live periods whose ffmpeg is still going down. */
  readonly #leaving = new Set<Promise<void>>();
  #info: StreamInfo = { state: 'waiting' };

  constructor(options: LiveRoomOptions) {
    super();
    this.setMaxListeners(0);
    this.#options = options;
    this.#logger = options.logger.child({ room: options.id });
    this.#stream = new Stream({ ...options.stream, id: options.id, logger: options.logger });
    this.#hls = new HlsOutlet(options.hls, this.#logger);
    this.#stream.on('state', (state) => this.#handleState(state));
    this.#stream.on('rendition', (rendition) => this.#handleRendition(rendition));
  }

  get info(): StreamInfo {
    return this.#info;
  }

  get liveEdgeMs(): number | undefined {
    const latestUs = this.#stream.mediaClock.latestUs;
    return this.#stream.state.kind === 'waiting' || latestUs === undefined ? undefined : usToMs(latestUs);
  }

  /** Lets a publisher with the right key in. @throws BarrageError `PUBLISHER_EXISTS`, `UNAVAILABLE`. */
  publish(request: PublishRequest, session: Closable): PublishTarget {
    return this.#stream.publish(request, session);
  }

  async openWebRtc(offer: string, options: WebRtcSessionOptions): Promise<WebRtcSessionPort> {
    const room = await this.#getWebRtc();
    return room.answer({ offer, ...options });
  }

  broadcast(lane: Lane, frame: string): void {
    this.#openWebRtcRoom?.broadcast(lane, frame);
  }

  findHls(path: string): MediaResource | undefined {
    return this.#hls.find(path);
  }

  resolveHls(path: string, signal: AbortSignal): Promise<MediaResource | undefined> {
    return this.#hls.resolve(path, signal);
  }

  kick(reason: string): boolean {
    return this.#stream.kick(reason);
  }

  describe(): LiveRoomDescription {
    const state = this.#stream.state;
    const transcoder = this.#ladder?.describe();
    const publisher = state.kind === 'live' ? describePublisher(state) : undefined;
    return {
      room: this.#options.id,
      state: this.#info.state,
      ...(publisher ? { publisher } : {}),
      renditions: this.#stream.renditions.map(describeRendition),
      ...(transcoder ? { transcoder } : {}),
      webrtcSessions: this.#openWebRtcRoom?.sessionCount ?? 0,
    };
  }

  async close(reason: string): Promise<void> {
    if (this.#stream.state.kind === 'closed') return;
    this.#stream.close(reason);
    this.#hls.close(reason);
    this.#openWebRtcRoom?.close(reason);
    this.emit('closed', reason);
    this.removeAllListeners();
    await Promise.all(this.#leaving);
  }

  async #getWebRtc(): Promise<WebRtcRoom> {
    if (this.#stream.state.kind === 'closed') throw new BarrageError('UNAVAILABLE', 'the room is closing');
    this.#webrtc ??= this.#openRoom();
    return this.#webrtc;
  }

  async #openRoom(): Promise<WebRtcRoom> {
    const room = await this.#options.plane.openRoom(this.#options.id);
    this.#openWebRtcRoom = room;
    room.once('closed', () => {
      this.#openWebRtcRoom = this.#webrtc = undefined;
    });
    room.on('layers', () => this.#updateInfo());
    for (const rendition of this.#stream.renditions) this.#attachToWebRtc(rendition);
    return room;
  }

  #handleRendition(rendition: Rendition): void {
    if (rendition.origin === 'source') {
      this.#ladder?.watch(rendition);
      return;
    }
    const { codec } = rendition.track;
    if (codec !== 'opus') this.#hls.add(rendition);
    this.#attachToWebRtc(rendition);
  }

  #attachToWebRtc(rendition: Rendition): void {
    if (rendition.origin === 'transcoded') this.#openWebRtcRoom?.attachRendition(rendition);
  }

  #handleState(state: StreamState): void {
    if (state.kind === 'live') void this.#goLive();
    else if (state.kind !== 'interrupted') this.#goIdle(state.kind);
    this.#updateInfo();
  }

  async #goLive(): Promise<void> {
    this.#startLadder();
    try {
      // Open before the first viewer comes, so that the layers on offer are known.
      await this.#getWebRtc();
    } catch (err) {
      this.#logger.error({ err }, 'WebRTC is not available for the room');
    }
  }

  #startLadder(): void {
    if (this.#ladder) return;
    this.#ladder = new LadderRunner({
      ...this.#options.runner,
      stream: this.#stream,
      logger: this.#logger,
    });
    for (const rendition of this.#stream.renditions) this.#handleRendition(rendition);
  }

  #goIdle(reason: string): void {
    const ladder = this.#ladder;
    this.#ladder = undefined;
    this.#hls.end(reason);
    if (!ladder) return;
    const gone = ladder
      .close(reason)
      .catch((err: unknown) => this.#logger.error({ err }, 'transcoder did not close'))
      .finally(() => void this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }

  #updateInfo(): void {
    const info = this.#describeInfo();
    if (JSON.stringify(info) === JSON.stringify(this.#info)) return;
    this.#info = info;
    this.emit('info', info);
  }

  #describeInfo(): StreamInfo {
    const state = this.#stream.state;
    if (state.kind === 'interrupted') return { state: 'interrupted', sinceMs: usToMs(state.sinceUs) };
    if (state.kind !== 'live') return { state: 'waiting' };
    return { state: 'live', sinceMs: usToMs(state.sinceUs), layers: this.#openWebRtcRoom?.layers ?? [] };
  }
}

function describePublisher(state: Extract<StreamState, { kind: 'live' }>) {
  const { protocol, remoteAddress } = state.publication.request;
  return { protocol, remoteAddress, sinceMs: usToMs(state.publication.sinceUs) };
}

function describeRendition(rendition: Rendition): RenditionDescription {
  const { id, origin, track, measuredBitrateBps } = rendition;
  const size = track.kind === 'video' ? { width: track.width, height: track.height } : {};
  return { id, origin, kind: track.kind, codec: track.codecString, bitrateBps: measuredBitrateBps, ...size };
}
