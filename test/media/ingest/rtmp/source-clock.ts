// 32-bit timestamps onto a line that does not wrap.
import fc from 'fast-check';
import t from 'tap';
import { SourceClock } from '../../../../media/ingest/rtmp/source-clock.ts';

t.test('any steps of less than 2^31 ms are followed, over any number of wraps', async () => {
  const start = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const steps = fc.array(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }));
  fc.assert(
    fc.property(start, steps, (first, deltas) => {
      const clock = new SourceClock();
      let expected = first;
      if (clock.toUs(first) !== first * 1000) return false;
      return deltas.every((delta) => {
        expected += delta;
        return clock.toUs(((expected % 2 ** 32) + 2 ** 32) % 2 ** 32) === expected * 1000;
      });
    }),
  );
});

t.test('a wrap is a small step', async (t) => {
  const clock = new SourceClock();
  clock.toUs(2 ** 32 - 10);
  t.equal(clock.toUs(10), (2 ** 32 + 10) * 1000);
});
