// What a viewer is told on hello: who it is, what it missed or should show instead, and its limits.
import type { Identity } from '../auth/identity.ts';
import type { HelloParams, HelloResult } from '../protocol/wire.ts';
import { encodeEvents } from '../rooms/event-text.ts';
import type { OpenRoom } from '../rooms/open-rooms.ts';

/** Limits a client is told. */
export type HelloLimits = HelloResult['limits'];

/** Everything an answer to hello is made of. `recentEvents` bounds the danmaku of the snapshot. */
export interface Greeting {
  readonly sessionId: string;
  readonly room: OpenRoom;
  readonly identity: Identity;
  readonly resume: HelloParams['resume'];
  readonly limits: HelloLimits;
  readonly recentEvents: number;
}

/** The answer to hello, as of this turn: what the room delivers from the next tick on is not in it. */
export function describeHello(greeting: Greeting): HelloResult {
  const { room, likes, viewers } = greeting.room;
  const record = greeting.room.record();
  const { recovered, missed, offset } = room.resume(greeting.resume);
  return {
    session: greeting.sessionId,
    room: { id: record.id, title: record.title },
    user: greeting.identity.user,
    serverTimeMs: room.nowMs(),
    stream: room.live.info,
    epoch: room.epoch,
    offset,
    recovered,
    missed,
    snapshot: {
      likes: likes.total,
      viewers: viewers.count,
      recent: recovered ? [] : room.history.recent('danmaku', { max: greeting.recentEvents, upTo: offset }),
    },
    limits: greeting.limits,
  };
}

/**
 * The reply frame of {@link describeHello} as text. After a storm nearly all of it are events that everybody missed:
 * those are encoded once, not for each viewer.
 */
export function encodeHelloReply(id: number, result: HelloResult): string {
  const { missed, snapshot, ...rest } = result;
  const { recent, ...totals } = snapshot;
  const pieces = [
    ...[`{"id":${id},"result":{${inner(rest)},"missed":`, ...encodeEvents(missed)],
    ...[`,"snapshot":{${inner(totals)},"recent":`, ...encodeEvents(recent), '}}}'],
  ];
  return pieces.join('');
}

/** The members of an object as JSON, without its braces. */
function inner(value: object): string {
  return JSON.stringify(value).slice(1, -1);
}
