// Segment boundaries from the media clock's grid.
import fc from 'fast-check';
import t from 'tap';
import { isSegmentBoundary } from '../../../transcoder/hls/segment-grid.ts';

const TARGET_US = 2_000_000;
const START_US = 1_790_000_000_000_000;

function cut(keysUs: readonly number[]): number[] {
  const starts: number[] = [];
  for (const key of keysUs) {
    const open = starts.at(-1);
    if (open === undefined || isSegmentBoundary(open, key, TARGET_US)) starts.push(key);
  }
  return starts;
}

t.test('a group of pictures of 1 s makes segments of 2 s wherever its phase', async (t) => {
  fc.assert(
    fc.property(
      fc.nat(999_999),
      fc.array(fc.integer({ min: -900, max: 900 }), { minLength: 60, maxLength: 60 }),
      (phase, jitter) => {
        const keys = jitter.map((each, n) => START_US + phase + n * 1_000_000 + each);
        const starts = cut(keys);
        for (const [n, start] of starts.entries()) {
          const next = starts[n + 1];
          if (next !== undefined && next - start > 2_010_000)
            throw new Error(`segment of ${next - start} us`);
        }
      },
    ),
  );
  t.pass();
});

t.test('key frames every 2 s that jitter around a line of the grid each begin a segment', async (t) => {
  const keys = Array.from({ length: 40 }, (_, n) => START_US + n * TARGET_US + (n % 2 ? 700 : -700));
  t.equal(cut(keys).length, 40);
});

t.test('two renditions that start at different times agree after one segment', async (t) => {
  fc.assert(
    fc.property(fc.nat(999_999), fc.nat(30), (phase, missed) => {
      const keys = Array.from({ length: 60 }, (_, n) => START_US + phase + n * 1_000_000);
      const early = cut(keys);
      const late = cut(keys.slice(missed));
      const common = early.filter((start) => start > late[0]!);
      t.strictSame(late.slice(-common.length), common);
    }),
  );
});
