// Segment boundaries from the media clock's grid.
import fc from 'fast-check';
import t from 'tap';
import {
  audioGrid,
  cellToBegin,
  type OpenCell,
  type SegmentGrid,
  videoGrid,
} from '../../../transcoder/hls/segment-grid.ts';

const TARGET_US = 2_000_000;
const START_US = 1_790_000_000_000_000;
// Anywhere, and often on the edge where slack and jitter end.
const PHASE_US = fc.oneof(fc.nat(999_999), fc.integer({ min: 885_000, max: 905_000 }));

function cut(keysUs: readonly number[], grid: SegmentGrid = videoGrid(TARGET_US)): number[] {
  const starts: number[] = [];
  let open: OpenCell | undefined;
  for (const key of keysUs) {
    const cell = cellToBegin(key, open, grid);
    if (cell === undefined) continue;
    open = { cell, startUs: key };
    starts.push(key);
  }
  return starts;
}

t.test('a group of pictures of 1 s makes segments of 2 s wherever its phase', async (t) => {
  fc.assert(
    fc.property(
      PHASE_US,
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

t.test('key frames every 2 s each begin a segment, wherever on the grid they jitter', async (t) => {
  for (const phase of [0, -100_000, -110_000, -90_000, 500_000]) {
    const keys = Array.from(
      { length: 40 },
      (_, n) => START_US + phase + n * TARGET_US + (n % 2 ? 700 : -700),
    );
    t.equal(cut(keys).length, 40, `phase ${phase}`);
  }
});

t.test('pictures that are all key frames, and audio, are cut every 2 s without drifting off', async (t) => {
  for (const grid of [videoGrid(TARGET_US), audioGrid(TARGET_US)]) {
    const starts = cut(
      Array.from({ length: 5000 }, (_, n) => START_US + Math.round(n * 21_333.3)),
      grid,
    );
    const last = starts.at(-1)!;
    t.ok(Math.abs(((last + TARGET_US / 2) % TARGET_US) - TARGET_US / 2) < 240_000);
    t.equal(starts.length, Math.floor((5000 * 21_333.3) / TARGET_US) + 1);
  }
});

t.test('two renditions that start at different times agree after two segments', async (t) => {
  fc.assert(
    fc.property(PHASE_US, fc.nat(30), (phase, missed) => {
      const keys = Array.from({ length: 60 }, (_, n) => START_US + phase + n * 1_000_000);
      const early = cut(keys);
      const late = cut(keys.slice(missed));
      const common = early.filter((start) => start > late[1]!);
      t.strictSame(late.slice(-common.length), common);
    }),
  );
});
