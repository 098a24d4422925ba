// Every method of the protocol and what answers it.
import type { Speaker } from '../interaction/room-ports.ts';
import type { Method, Methods } from '../protocol/wire.ts';
import type { OpenRoom } from '../rooms/open-rooms.ts';
import type { ReadParams } from './read-command.ts';
import type { SessionWebRtc } from './session-webrtc.ts';

/** What a handler may use of the session that asks. */
export interface CommandContext {
  readonly room: OpenRoom;
  readonly speaker: Speaker;
  readonly webrtc: SessionWebRtc;
}

type Handler<M extends Method> = (
  context: CommandContext,
  params: ReadParams<M>,
) => Methods[M]['result'] | Promise<Methods[M]['result']>;

/** Methods of a session that has said hello; hello itself is the session's own business. */
export type RoomMethod = Exclude<Method, 'hello'>;

/** Handler of each method. */
export const handlers = {
  ping: ({ room }) => ({ serverTimeMs: room.room.nowMs() }),
  'danmaku.send': ({ room, speaker }, params) => room.danmaku.send(speaker, params),
  'like.send': ({ room, speaker }, params) => room.likes.send(speaker, params),
  'webrtc.offer': ({ webrtc }, params) => webrtc.offer(params),
  'webrtc.layer': ({ webrtc }, params) => webrtc.preferLayer(params),
  'webrtc.close': ({ webrtc }, params) => webrtc.closeSession(params),
} satisfies { [M in RoomMethod]: Handler<M> };

/** Runs the handler of a method. */
export async function runHandler<M extends RoomMethod>(
  method: M,
  context: CommandContext,
  params: ReadParams<M>,
): Promise<Methods[M]['result']> {
  const handler = handlers[method] as Handler<M>;
  return handler(context, params);
}
