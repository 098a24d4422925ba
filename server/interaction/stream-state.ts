// Tells a room that its stream went live, was interrupted, changed its layers or ended.
import type { StreamInfo } from '../protocol/wire.ts';
import type { Room } from '../rooms/room.ts';

/** Publishes every change of the room's stream on the value lane, until the room closes. */
export function announceStream(room: Room): void {
  let lastJson = JSON.stringify(room.live.info);
  const onInfo = (stream: StreamInfo) => {
    const json = JSON.stringify(stream);
    if (json === lastJson) return;
    lastJson = json;
    room.publish('value', { type: 'stream', stream });
  };
  room.live.on('info', onInfo);
  room.on('closed', () => room.live.off('info', onInfo));
}
