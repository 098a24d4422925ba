// What a room client tells its listeners: the state of its connection and the events of the room.
import type {
  HelloResult,
  NumberedEvent,
  StreamInfo,
  UnnumberedEvent,
} from '../../../server/protocol/wire.ts';
import type { SocketState } from './room-socket.ts';

/**
 * Where the connection stands: as its WebSocket's {@link SocketState}, but for `greeting` (open, hello not
 * answered yet) and `open`, where events flow over `events`.
 */
export type RoomState =
  | Exclude<SocketState, { readonly status: 'open' }>
  | { readonly status: 'greeting' }
  | { readonly status: 'open'; readonly events: LinkName };

/** The ways frames can take. */
export type LinkName = 'websocket' | 'data-channel';

/** A further way for frames; its owner feeds what it receives to `RoomClient.receive`. */
export interface FrameLink {
  /** False when the frame cannot be sent. */
  send(text: string): boolean;
}

/** `event` carries every numbered event exactly once; the rest is the newest value of something. */
export interface RoomEvents {
  state: RoomState;
  hello: HelloResult;
  event: NumberedEvent;
  stream: StreamInfo;
  likes: number;
  viewers: number;
  gap: Extract<UnnumberedEvent, { type: 'gap' }>;
  webrtc: Extract<UnnumberedEvent, { type: 'webrtc' }>;
}
