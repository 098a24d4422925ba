// Which offsets count as seen, in whatever order they come.
import fc from 'fast-check';
import t from 'tap';
import { OffsetTracker } from '../../../../web/sdk/room/offset-tracker.ts';

t.test('an offset is accepted once', async (t) => {
  const tracker = new OffsetTracker();
  t.same(
    [1, 2, 2, 1, 3].map((offset) => tracker.accept(offset)),
    [true, true, false, false, true],
  );
  t.equal(tracker.floor, 3);
});

t.test('an offset that is missing holds the floor back until it comes', async (t) => {
  const tracker = new OffsetTracker();
  tracker.accept(1);
  tracker.accept(3);
  t.equal(tracker.floor, 1);
  t.equal(tracker.hasHole, true);
  t.equal(tracker.accept(2), true);
  t.equal(tracker.floor, 3);
  t.equal(tracker.hasHole, false);
});

t.test('an excused range is not waited for, and what still comes of it is new, once', async (t) => {
  const tracker = new OffsetTracker();
  tracker.accept(1);
  tracker.accept(4);
  tracker.excuse(2, 5);
  t.equal(tracker.floor, 5);
  t.equal(tracker.accept(4), false);
  t.equal(tracker.accept(3), true);
  t.equal(tracker.accept(3), false);
});

t.test('an excused range that lies ahead is joined when its beginning is reached', async (t) => {
  const tracker = new OffsetTracker();
  tracker.excuse(2, 3);
  t.equal(tracker.floor, 0);
  tracker.accept(1);
  t.equal(tracker.floor, 3);
});

t.test('settling says that everything up to there is accounted for', async (t) => {
  const tracker = new OffsetTracker();
  tracker.accept(5);
  tracker.settle(4);
  t.equal(tracker.floor, 5);
  t.equal(tracker.accept(3), false);
});

t.test('memory is bounded: the oldest hole is given up', async (t) => {
  const tracker = new OffsetTracker(10);
  for (let offset = 2; offset <= 12; offset++) tracker.accept(offset);
  t.equal(tracker.floor, 12);
  t.equal(tracker.hasHole, false);
});

t.test('whatever the order and the doubles, each offset is accepted exactly once', async () => {
  const arrivals = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 200 });
  fc.assert(
    fc.property(arrivals, (offsets) => {
      const tracker = new OffsetTracker();
      const accepted = offsets.filter((offset) => tracker.accept(offset));
      return accepted.length === new Set(offsets).size && new Set(accepted).size === accepted.length;
    }),
  );
});

t.test('the floor is the longest run that was seen from the start', async () => {
  const arrivals = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 100 });
  fc.assert(
    fc.property(arrivals, (offsets) => {
      const tracker = new OffsetTracker();
      for (const offset of offsets) tracker.accept(offset);
      let expected = 0;
      while (offsets.includes(expected + 1)) expected++;
      return tracker.floor === expected;
    }),
  );
});
