// How events become frames, and how chat is thinned.
import fc from 'fast-check';
import t from 'tap';
import type { NumberedEvent, RoomEvent } from '../../../server/protocol/wire.ts';
import { LaneBatcher } from '../../../server/rooms/lane-batcher.ts';
import type { SharedFrame } from '../../../server/rooms/shared-frame.ts';
import { thinEvenly } from '../../../server/rooms/thin-chat.ts';

const event = (offset: number, pad = 0): NumberedEvent => ({
  type: 'stream',
  offset,
  id: 'x'.repeat(pad),
  at: 0,
  stream: { state: 'waiting' },
});

const batcher = (maxChatPerTick = 1000, onThinned: (events: number) => void = () => undefined) =>
  new LaneBatcher({ epoch: 'e', maxChatPerTick, onThinned });

const eventsOf = (frames: readonly SharedFrame[]): RoomEvent[] =>
  frames.flatMap((frame) => JSON.parse(frame.text).events as RoomEvent[]);

t.test('events of one lane share a frame, and frames keep the order of offsets', async (t) => {
  const batch = batcher();
  for (const [offset, lane] of [
    [1, 'chat'],
    [2, 'chat'],
    [3, 'value'],
    [4, 'chat'],
  ] as const)
    batch.add(lane, event(offset));
  const frames = batch.takeNumbered();
  t.match(frames, [
    { lane: 'chat', first: 1, last: 2, count: 2 },
    { lane: 'value', first: 3, last: 3, count: 1 },
    { lane: 'chat', first: 4, last: 4, count: 1 },
  ]);
  t.equal(JSON.parse(frames[0]!.text).epoch, 'e');
  t.same(batch.takeNumbered(), []);
});

t.test('frames stay small', async (t) => {
  const batch = batcher();
  for (let offset = 1; offset <= 100; offset++) batch.add('chat', event(offset, 1000));
  const frames = batch.takeNumbered();
  t.ok(frames.length > 10);
  for (const { text } of frames) t.ok(text.length < 10_000);
});

t.test('of totals only the newest of each type goes out', async (t) => {
  const batch = batcher();
  for (const total of [1, 2, 3]) batch.addPulse({ type: 'likes', total });
  batch.addPulse({ type: 'viewers', count: 7 });
  t.same(eventsOf([batch.takePulse()!]), [
    { type: 'likes', total: 3 },
    { type: 'viewers', count: 7 },
  ]);
  t.equal(batch.takePulse(), undefined);
  t.equal(eventsOf([batch.latestPulse()!]).length, 2, 'but all are remembered');
});

t.test('chat beyond the bound is thinned, value never, and a gap says so', async (t) => {
  let thinned = 0;
  const batch = batcher(10, (count) => {
    thinned += count;
  });
  for (let offset = 1; offset <= 40; offset++) batch.add(offset % 4 === 0 ? 'value' : 'chat', event(offset));
  const frames = batch.takeNumbered();
  const events = eventsOf(frames);
  const gap = events.at(-1);
  t.match(gap, { type: 'gap', dropped: 20 });
  t.equal(thinned, 20);
  t.equal(
    frames.filter(({ lane }) => lane === 'value').reduce((sum, { count }) => sum + count, 0),
    10,
  );
  t.equal(events.length, 10 + 10 + 1);
});

t.test('thinning keeps exactly the bound, in order, and loses track of nothing', async () => {
  fc.assert(
    fc.property(fc.nat(500), fc.integer({ min: 1, max: 200 }), (length, max) => {
      const items = Array.from({ length }, (_, index) => index);
      const { kept, dropped } = thinEvenly(items, max);
      const both = [...kept, ...dropped].toSorted((a, b) => a - b);
      const isOrdered = kept.every((item, index) => index === 0 || item > kept[index - 1]!);
      return kept.length === Math.min(max, length) && both.join() === items.join() && isOrdered;
    }),
  );
});
