// What a room remembers, by table and property.
import fc from 'fast-check';
import t from 'tap';
import type { NumberedEvent } from '../../../server/protocol/wire.ts';
import { MemoryHistory } from '../../../server/rooms/history.ts';

const event = (offset: number, at = 0): NumberedEvent => ({
  type: 'stream',
  offset,
  id: `e${offset}`,
  at,
  stream: { state: 'waiting' },
});

function fill(count: number, options: { maxEvents?: number; maxAgeMs?: number; nowMs?: () => number } = {}) {
  const history = new MemoryHistory({ maxEvents: 1000, maxAgeMs: 1000, nowMs: () => 0, ...options });
  for (let offset = 1; offset <= count; offset++) history.append(event(offset));
  return history;
}

const offsets = (events: readonly NumberedEvent[] | undefined) => events?.map(({ offset }) => offset);

t.test('a range is what came after one offset up to another', async (t) => {
  const history = fill(10);
  t.same(offsets(history.range(3, 6)), [4, 5, 6]);
  t.same(offsets(history.range(0, 10))?.length, 10);
  t.same(offsets(history.range(10, 10)), []);
});

t.test('a range of which something is forgotten is undefined', async (t) => {
  const history = fill(10, { maxEvents: 4 });
  t.equal(history.length, 4);
  t.same(offsets(history.range(6, 10)), [7, 8, 9, 10]);
  t.equal(history.range(5, 10), undefined);
  t.equal(fill(0).range(0, 5), undefined);
});

t.test('events are forgotten by age', async (t) => {
  let nowMs = 0;
  const history = new MemoryHistory({ maxEvents: 100, maxAgeMs: 50, nowMs: () => nowMs });
  for (let offset = 1; offset <= 10; offset++) history.append(event(offset, offset * 10));
  nowMs = 100;
  t.same(offsets(history.range(4, 10)), [5, 6, 7, 8, 9, 10]);
  t.equal(history.range(3, 10), undefined);
  nowMs = 1000;
  t.equal(history.range(9, 10), undefined);
  t.equal(history.length, 0);
});

t.test('the newest of a type come oldest first, up to an offset', async (t) => {
  t.same(offsets(fill(10).recent('stream', { max: 3, upTo: 9 })), [7, 8, 9]);
  t.same(fill(10).recent('danmaku', { max: 3, upTo: 9 }), []);
});

t.test('whatever is kept, a range is complete or undefined', async () => {
  const sizes = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 100 }));
  fc.assert(
    fc.property(sizes, fc.nat(300), fc.nat(300), ([count, maxEvents], a, b) => {
      const history = fill(count, { maxEvents });
      const [after, upTo] = [Math.min(a, b, count), Math.min(Math.max(a, b), count)];
      const range = history.range(after, upTo);
      const expected = Array.from({ length: upTo - after }, (_, index) => after + 1 + index);
      return range === undefined ? count - after > maxEvents : offsets(range)?.join() === expected.join();
    }),
  );
});
