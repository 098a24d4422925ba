// What the control plane (rooms, HTTP, WebSocket) sees of the media plane. server/live/ implements it
// from media/ and transcoder/; tests of the control plane hand in a fake.
import type { EventEmitter } from 'node:events';
import type { Closable } from '../../core/lifecycle.ts';
import type { Lane, StreamInfo } from '../protocol/wire.ts';
import type { LadderDescription } from './ladder-runner.ts';

/** A body to be served over HTTP, with its caching rules. */
export interface MediaResource {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly body: Buffer;
  /** Worth compressing (playlists). */
  readonly compressible: boolean;
  readonly etag?: string;
}

export interface WebRtcSessionEvents {
  connected: [];
  /** A frame the viewer sent on its `value` data channel. */
  message: [frame: string];
  /** The layer now sent, null when none. */
  layer: [layer: number | null];
  /** The viewer takes a lane's frames too slowly and some were lost: move its events elsewhere. */
  laneFull: [lane: Lane];
  closed: [reason: string];
}

/** One WebRTC viewer: media down, and the three lanes when it asked for data channels. */
export interface WebRtcSessionPort extends EventEmitter<WebRtcSessionEvents>, Closable {
  readonly id: string;
  /** The SDP answer. */
  readonly answer: string;
  /** Answers an ICE restart: a new SDP answer for a new full offer. */
  restart(offer: string): Promise<string>;
  /** RFC 9725 section 4.3 PATCH with a trickle-ice-sdpfrag; returns the fragment to answer with, if any. */
  patch(fragment: string): Promise<string | undefined>;
  setPreferredLayer(layer: number | null): Promise<void>;
  /** Sends one frame to this viewer alone, on the `value` channel. */
  send(frame: string): void;
  /** Lets the lanes flow to this viewer; they are paused until then. */
  resumeLanes(): Promise<void>;
  pauseLanes(): Promise<void>;
  describe(): object;
}

export interface LiveRoomEvents {
  /** The stream went live, was interrupted, changed its layers or ended. */
  info: [info: StreamInfo];
  closed: [reason: string];
}

/** What a viewer wants; `anyPlayer` for offers that our SDK did not make (WHEP). */
export interface WebRtcSessionOptions {
  readonly dataChannels: boolean;
  readonly anyPlayer?: boolean;
}

/** A room's media: what is live in it and how to watch it. */
export interface LiveRoomPort extends EventEmitter<LiveRoomEvents> {
  readonly info: StreamInfo;
  /** The newest picture a viewer can be seeing, media clock in ms; undefined when nothing is live. */
  readonly liveEdgeMs: number | undefined;
  /**
   * Opens a WebRTC session for an SDP offer.
   * @throws BarrageError `BAD_REQUEST`, `UNSUPPORTED_MEDIA`, `OVERLOADED`, `UNAVAILABLE`.
   */
  openWebRtc(offer: string, options: WebRtcSessionOptions): Promise<WebRtcSessionPort>;
  /** Sends a frame to every WebRTC viewer whose lanes are resumed; encoded once by the caller. */
  broadcast(lane: Lane, frame: string): void;
  /**
   * A file of the room's HLS output that is there now, path relative to `/live/ROOM/` (`index.m3u8`,
   * `720p/index.m3u8`); the same object until the output changes.
   */
  findHls(path: string): MediaResource | undefined;
  /** As `findHls`, but waits for a first playlist that is about to exist. */
  resolveHls(path: string, signal: AbortSignal): Promise<MediaResource | undefined>;
  /** Ends the publisher's session; false when nobody publishes. */
  kick(reason: string): boolean;
  /** Plain snapshot for the API, logs and metrics. */
  describe(): LiveRoomDescription;
}

export interface LiveRoomDescription {
  readonly room: string;
  readonly state: StreamInfo['state'];
  readonly publisher?: {
    readonly protocol: string;
    readonly remoteAddress: string;
    readonly sinceMs: number;
  };
  readonly renditions: readonly RenditionDescription[];
  readonly transcoder?: LadderDescription;
  readonly webrtcSessions: number;
}

export interface RenditionDescription {
  readonly id: string;
  readonly origin: 'source' | 'transcoded';
  readonly kind: 'video' | 'audio';
  readonly codec: string;
  readonly bitrateBps: number;
  readonly width?: number;
  readonly height?: number;
}

/** Finds or makes the media side of a room. */
export interface LivePort {
  /** The media of a room, made on first use; the room must exist. */
  getRoom(roomId: string): LiveRoomPort;
  findRoom(roomId: string): LiveRoomPort | undefined;
  /** Drops a deleted room's media, kicking whoever publishes or watches. */
  removeRoom(roomId: string, reason: string): void;
  describe(): readonly LiveRoomDescription[];
}
