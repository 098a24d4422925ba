// Media time from PROGRAM-DATE-TIME.
import t from 'tap';
import { spanMediaMs } from '../../../../web/sdk/hls/hls-clock.ts';

const SPANS = [
  { start: 0, programDateTime: 1000_000 },
  { start: 2, programDateTime: 1002_000 },
  // After a discontinuity, half an hour later.
  { start: 4, programDateTime: 2800_000 },
];

t.test('a position counts from the segment it lies in', async (t) => {
  t.equal(spanMediaMs(SPANS, 1.5), 1001_500);
  t.equal(spanMediaMs(SPANS, 3.25), 1003_250);
  t.equal(spanMediaMs(SPANS, 4.5), 2800_500);
});

t.test('a frame a rounding error before its segment belongs to it', async (t) => {
  t.ok(Math.abs((spanMediaMs(SPANS, 3.9999) ?? 0) - 2800_000) < 1);
});

t.test('without a date it is unknown', async (t) => {
  t.equal(spanMediaMs([], 1), undefined);
  t.equal(spanMediaMs([{ start: 0, programDateTime: null }], 1), undefined);
  t.equal(spanMediaMs(SPANS, -1), undefined);
});
