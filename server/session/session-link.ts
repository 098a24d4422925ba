// A two-way connection of a session: a WebSocket, or the value data channel of a WebRTC session.
import type { SharedFrame } from '../rooms/shared-frame.ts';

/** What a session needs of a connection. */
export interface SessionLink {
  readonly kind: 'websocket' | 'datachannel';
  /** Sends one frame to this viewer alone. Never throws; a link that is gone drops it. */
  send(text: string): void;
  /** Sends a frame that goes to many, as far as this viewer keeps up. */
  deliver(frame: SharedFrame): void;
}
