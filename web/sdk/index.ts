// What the SDK offers to a page; see ../README.md for how to use it.
export type {
  DanmakuBody,
  DanmakuMode,
  DanmakuSize,
  HelloResult,
  LayerInfo,
  NumberedEvent,
  StreamInfo,
  UserInfo,
} from '../../server/protocol/wire.ts';
export { type PlaybackStart, startPlayback } from './autoplay.ts';
export { Emitter, type Unsubscribe } from './emitter.ts';
export { HlsPlayer, type HlsPlayerOptions, type HlsPlayerState } from './hls/hls-player.ts';
export { LikeSender, type LikeSenderOptions } from './like-sender.ts';
export { describeEnd, Player, type PlayerOptions, type PlayerState } from './player.ts';
export type { Level, QualityChoice } from './quality.ts';
export { RoomClient, type RoomClientOptions, roomUrl } from './room/room-client.ts';
export { RoomError } from './room/room-error.ts';
export type { FrameLink, RoomEvents, RoomState } from './room/room-state.ts';
export {
  EventScheduler,
  type Release,
  type ReleaseCause,
  type SchedulerOptions,
  type Timed,
} from './timing/event-scheduler.ts';
export { pictureTimeMs } from './timing/picture-time.ts';
export { Playhead, type PlayheadReading } from './timing/playhead.ts';
export { localNowMs, ServerClock } from './timing/server-clock.ts';
export type { Transport, TransportChoice } from './transport-choice.ts';
export { roomSignalling, type Signalling, whepSignalling } from './webrtc/signalling.ts';
export {
  canPlayWebRtc,
  createRoomPlayer,
  WebRtcPlayer,
  type WebRtcPlayerOptions,
  type WebRtcPlayerState,
} from './webrtc/webrtc-player.ts';
