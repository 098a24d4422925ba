// The three data channels as a way for the room's frames: everything received goes to the room client, which
// sorts out order and doubles; commands go up on `value`.
import type { Lane } from '../../../server/protocol/wire.ts';
import type { RoomClient } from '../room/room-client.ts';
import type { FrameLink } from '../room/room-state.ts';

/** What does not leave by then is better rejected than queued. */
const MAX_BUFFERED_BYTES = 256 * 1024;

/** Lends the lanes of a session to the room, from the moment `value` opens until it closes. */
export function lendLanes(lanes: ReadonlyMap<Lane, RTCDataChannel>, room: RoomClient): void {
  const value = lanes.get('value');
  if (!value) return;
  const link: FrameLink = {
    send(text) {
      if (value.readyState !== 'open' || value.bufferedAmount > MAX_BUFFERED_BYTES) return false;
      value.send(text);
      return true;
    },
  };
  for (const channel of lanes.values()) {
    channel.binaryType = 'arraybuffer';
    channel.onmessage = (event) => room.receive(toText(event.data));
  }
  value.onopen = () => void room.useChannel(link);
  value.onclose = () => room.dropChannel(link);
}

/** Frames are text, but a relay may send them on as binary. */
function toText(data: unknown): string {
  if (data instanceof ArrayBuffer) return new TextDecoder().decode(data);
  return typeof data === 'string' ? data : '';
}
