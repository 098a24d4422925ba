// What counts allow a total to be, and the sum of several generators' counts.
import t from 'tap';
import { sumTapCounts, TapBook, totalErrorOf } from '../../../../bench/instruments/fanout/tap-book.ts';

function bookWith(counts: { acceptedTaps: number; unknownTaps?: number; replyMs?: number }): TapBook {
  const book = new TapBook();
  book.acceptedTaps = counts.acceptedTaps;
  book.unknownTaps = counts.unknownTaps ?? 0;
  if (counts.replyMs !== undefined) book.replyMs.record(counts.replyMs);
  return book;
}

t.test('a total is right only when it is the sum', async (t) => {
  const counts = bookWith({ acceptedTaps: 100 }).read();
  t.equal(totalErrorOf(1100, 1000, counts), 0);
  t.equal(totalErrorOf(1099, 1000, counts), 1, 'a lost tap is found');
  t.equal(totalErrorOf(1103, 1000, counts), 3, 'taps counted twice are found');
});

t.test('taps of unknown outcome may count once or not at all, but not twice', async (t) => {
  const counts = bookWith({ acceptedTaps: 100, unknownTaps: 5 }).read();
  t.equal(totalErrorOf(100, 0, counts), 0);
  t.equal(totalErrorOf(105, 0, counts), 0);
  t.equal(totalErrorOf(106, 0, counts), 1);
  t.equal(totalErrorOf(99, 0, counts), 1);
});

t.test('counts of several generators add up, histograms too', async (t) => {
  const sum = sumTapCounts([
    bookWith({ acceptedTaps: 1, replyMs: 5 }).read(),
    bookWith({ acceptedTaps: 2, unknownTaps: 3, replyMs: 7 }).read(),
  ]);
  t.match(sum, { acceptedTaps: 3, unknownTaps: 3, refusedTaps: 0 });
});
