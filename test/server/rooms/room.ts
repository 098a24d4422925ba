// Ticks, routes and the end of a live room.
import t from 'tap';
import { silentMeter } from '../../../server/meter.ts';
import { Room, type RoomMember } from '../../../server/rooms/room.ts';
import type { SharedFrame } from '../../../server/rooms/shared-frame.ts';
import { FakeLiveRoom } from '../../fakes/fake-live.ts';

class Member implements RoomMember {
  readonly frames: SharedFrame[] = [];
  closedWith: string | undefined;
  deliver(frame: SharedFrame): void {
    this.frames.push(frame);
  }
  roomClosed(reason: string): void {
    this.closedWith = reason;
  }
}

function createRoom(timing = {}) {
  const live = new FakeLiveRoom('r1');
  const room = new Room({
    id: 'r1',
    live,
    meter: silentMeter,
    nowMs: () => Date.now(),
    timing: {
      tickMs: 5,
      pulseMs: 5,
      maxChatPerTick: 100,
      historyEvents: 100,
      historyMs: 60_000,
      maxResumeEvents: 50,
      ...timing,
    },
  });
  return { room, live };
}

const waiting = { type: 'stream', stream: { state: 'waiting' } } as const;

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!isTrue() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
}

t.test('every member is handed the same frame, encoded once', async (t) => {
  const { room } = createRoom();
  const members = [new Member(), new Member()];
  for (const member of members) room.setRoute(member, 'own');
  for (let n = 0; n < 3; n++) room.publish('chat', waiting);
  await until(() => members[1]!.frames.length > 0);
  t.equal(members[0]!.frames.length, 1);
  t.equal(members[0]!.frames[0], members[1]!.frames[0]);
  t.match(members[0]!.frames[0], { first: 1, last: 3, count: 3 });
  room.close('test');
});

t.test('members on the lanes are reached by one broadcast, and there is none without them', async (t) => {
  const { room, live } = createRoom();
  const broadcasts: string[] = [];
  live.broadcast = (lane) => void broadcasts.push(lane);
  const [own, lanes] = [new Member(), new Member()];
  room.setRoute(own, 'own');
  room.publish('chat', waiting);
  await until(() => own.frames.length === 1);
  t.same(broadcasts, []);
  room.setRoute(lanes, 'lanes');
  room.setRoute(new Member(), 'lanes');
  room.publish('value', waiting);
  await until(() => own.frames.length === 2);
  t.same(broadcasts, ['value']);
  t.equal(lanes.frames.length, 0);
  room.leave(lanes);
  room.close('test');
});

t.test('what a newcomer is told ends where its deliveries begin', async (t) => {
  const { room } = createRoom({ tickMs: 20 });
  const first = new Member();
  room.setRoute(first, 'own');
  room.publish('chat', waiting);
  await until(() => first.frames.length === 1);
  room.publish('chat', waiting);
  const second = new Member();
  room.setRoute(second, 'own');
  t.match(room.resume({ epoch: room.epoch, offset: 0 }), {
    recovered: true,
    missed: [{ offset: 1 }],
    offset: 1,
  });
  await until(() => second.frames.length === 1);
  t.match(second.frames, [{ first: 2, last: 2 }]);
  room.close('test');
});

t.test('a total that changes often goes out at its own pace, and the last one always', async (t) => {
  const { room } = createRoom({ pulseMs: 30 });
  const member = new Member();
  room.setRoute(member, 'own');
  for (let total = 1; total <= 50; total++) {
    room.pulse({ type: 'likes', total });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => member.frames.at(-1)?.text.includes('"total":50') ?? false);
  t.ok(member.frames.length < 50);
  t.match(member.frames.at(-1)?.text, '"total":50');
  room.close('test');
});

t.test('a closing room delivers what waits, tells its members, and is silent then', async (t) => {
  const { room } = createRoom();
  const member = new Member();
  let closed = 0;
  room.on('closed', () => void closed++);
  room.setRoute(member, 'own');
  room.publish('value', waiting);
  room.close('over');
  room.close('again');
  t.equal(member.frames.length, 1);
  t.equal(member.closedWith, 'over');
  t.equal(closed, 1);
  t.equal(room.memberCount, 0);
});
