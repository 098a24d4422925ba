// The interaction protocol, version 1, as types and constants: what the server, the SDK and the bench
// share. No validation (see schemas.ts) and no imports, so that a browser bundle stays small.

export const PROTOCOL_VERSION = 1;

/** Value is never lost, chat may be thinned (and says so), pulse carries totals of which the last one wins. */
export const LANES = ['value', 'chat', 'pulse'] as const;
export type Lane = (typeof LANES)[number];

/**
 * The data channel of each lane. mediasoup opens no channels in-band, so both sides open them with
 * `negotiated: true` and these ids; commands travel up on `value`.
 */
export const LANE_CHANNELS = {
  value: { id: 0, ordered: true },
  chat: { id: 1, ordered: false, maxPacketLifeTime: 1500 },
  pulse: { id: 2, ordered: false, maxRetransmits: 0 },
} as const satisfies Record<
  Lane,
  { id: number; ordered: boolean; maxPacketLifeTime?: number; maxRetransmits?: number }
>;

/** WebSocket close codes: 4000-4499 the client should come back, 4500-4999 it should not. */
export const CLOSE_CODES = {
  slowConsumer: 4008,
  draining: 4009,
  idle: 4010,
  badMessage: 4501,
  unauthorized: 4503,
  banned: 4504,
  roomDeleted: 4505,
} as const;

export const ROLES = ['viewer', 'moderator', 'host', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface UserInfo {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export const DANMAKU_MODES = ['scroll', 'top', 'bottom'] as const;
export type DanmakuMode = (typeof DANMAKU_MODES)[number];
export const DANMAKU_SIZES = ['small', 'normal', 'large'] as const;
export type DanmakuSize = (typeof DANMAKU_SIZES)[number];

/** What a viewer needs to know of the stream. `layers` are the WebRTC simulcast layers, lowest first. */
export type StreamInfo =
  | { readonly state: 'waiting' }
  | { readonly state: 'live'; readonly sinceMs: number; readonly layers: readonly LayerInfo[] }
  | { readonly state: 'interrupted'; readonly sinceMs: number };

export interface LayerInfo {
  readonly index: number;
  /** Rendition name, for example `720p`. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** Events of the value and chat lanes: numbered, kept in the room's history, shown exactly once. */
export type NumberedEvent =
  | ({ readonly type: 'danmaku'; readonly mediaTimeMs: number; readonly user: UserInfo } & Numbered &
      DanmakuBody)
  | ({ readonly type: 'stream'; readonly stream: StreamInfo } & Numbered);

export interface Numbered {
  readonly offset: number;
  readonly id: string;
  /** Server time, ms since the Unix epoch. */
  readonly at: number;
}

export interface DanmakuBody {
  readonly text: string;
  readonly mode: DanmakuMode;
  /** `#rrggbb` */
  readonly color: string;
  readonly size: DanmakuSize;
}

/** Events without an offset: the pulse lane, notices to one session, and what stands for thinned chat. */
export type UnnumberedEvent =
  | { readonly type: 'likes'; readonly total: number }
  | { readonly type: 'viewers'; readonly count: number }
  | { readonly type: 'gap'; readonly from: number; readonly to: number; readonly dropped: number }
  | { readonly type: 'webrtc'; readonly state: 'closed'; readonly sessionId: string; readonly reason: string }
  | {
      readonly type: 'webrtc';
      readonly state: 'layer';
      readonly sessionId: string;
      readonly layer: number | null;
    };

export type RoomEvent = NumberedEvent | UnnumberedEvent;

/** A batch of events, server to client. Offsets restart when `epoch` changes. */
export interface EventFrame {
  readonly epoch: string;
  readonly events: readonly RoomEvent[];
}

/** Methods: what the client sends and what it is answered. */
export interface Methods {
  hello: { params: HelloParams; result: HelloResult };
  ping: { params: Record<string, never>; result: { readonly serverTimeMs: number } };
  'danmaku.send': {
    params: Partial<DanmakuBody> & { readonly text: string; readonly mediaTimeMs?: number | undefined };
    result: { readonly eventId: string; readonly offset: number };
  };
  'like.send': { params: { readonly count: number }; result: { readonly total: number } };
  /** Client offers SDP, server answers; `restart` names a session whose ICE is restarted with this offer. */
  'webrtc.offer': {
    params: { readonly sdp: string; readonly restart?: string | undefined };
    result: { readonly sessionId: string; readonly sdp: string };
  };
  /** Pins the WebRTC layer with that index; null gives the choice back to bandwidth estimation. */
  'webrtc.layer': {
    params: { readonly sessionId: string; readonly layer: number | null };
    result: Record<string, never>;
  };
  'webrtc.close': { params: { readonly sessionId: string }; result: Record<string, never> };
}
export type Method = keyof Methods;

/**
 * First message on a WebSocket, and again on the `value` data channel of a WebRTC session to move the
 * events over there (or back): events after `resume.offset` are then delivered on that way.
 */
export interface HelloParams {
  readonly protocol: number;
  readonly token?: string | undefined;
  /** Guests may say what they want to be called. */
  readonly name?: string | undefined;
  readonly resume?: { readonly epoch: string; readonly offset: number } | undefined;
}

export interface HelloResult {
  readonly session: string;
  readonly room: { readonly id: string; readonly title: string };
  readonly user: UserInfo;
  readonly serverTimeMs: number;
  readonly stream: StreamInfo;
  readonly epoch: string;
  /** Offset of the room's newest event: what comes later is pushed. */
  readonly offset: number;
  /** True when `missed` holds everything after `resume.offset`; false: show the snapshot instead. */
  readonly recovered: boolean;
  readonly missed: readonly NumberedEvent[];
  readonly snapshot: {
    readonly likes: number;
    readonly viewers: number;
    /** The newest danmaku, oldest first. */
    readonly recent: readonly NumberedEvent[];
  };
  readonly limits: {
    readonly maxTextGraphemes: number;
    readonly danmakuPerSecond: number;
    readonly likesPerSecond: number;
    readonly maxFrameBytes: number;
  };
}

export interface CommandFrame<M extends Method = Method> {
  readonly id: number;
  readonly method: M;
  readonly params: Methods[M]['params'];
}

export interface ReplyError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

/** A reply; `id` is null when the command could not be read far enough to know it. */
export type ReplyFrame =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number | null; readonly error: ReplyError };
