// The delays before reconnecting and the verdict on close codes.
import fc from 'fast-check';
import t from 'tap';
import { backoffDelayMs, delayAfterClose, judgeClose } from '../../../server/protocol/backoff.ts';
import { CLOSE_CODES } from '../../../server/protocol/wire.ts';

const BOUNDS = { minMs: 500, maxMs: 20_000 };

t.test('the delay doubles up to its maximum', async (t) => {
  const longest = (attempt: number) => backoffDelayMs(attempt, { ...BOUNDS, random: () => 1 });
  t.same([0, 1, 2, 5, 6, 100].map(longest), [500, 1000, 2000, 16_000, 20_000, 20_000]);
});

t.test('the delay is drawn from the upper half of its bound', async () => {
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      (attempt, share) => {
        const delay = backoffDelayMs(attempt, { ...BOUNDS, random: () => share });
        const ceiling = Math.min(BOUNDS.maxMs, BOUNDS.minMs * 2 ** Math.min(attempt, 30));
        return delay >= ceiling / 2 && delay <= ceiling;
      },
    ),
  );
});

t.test('codes from 4500 on are final, all others are worth another attempt', async (t) => {
  for (const code of [4500, CLOSE_CODES.badMessage, CLOSE_CODES.banned, 4999])
    t.same(judgeClose(code), { again: false });
  for (const code of [1000, 1006, 1011, 4000, CLOSE_CODES.draining, 4499, 5000])
    t.equal(judgeClose(code).again, true);
});

t.test('a slow consumer waits before it comes back', async (t) => {
  t.same(judgeClose(CLOSE_CODES.slowConsumer), { again: true, minDelayMs: 1000 });
});

t.test('the delay after a close follows both the code and the attempt', async (t) => {
  const after = (code: number, attempt: number) =>
    delayAfterClose(code, attempt, { ...BOUNDS, random: () => 0 });
  t.equal(after(CLOSE_CODES.draining, 0), 250);
  t.equal(after(CLOSE_CODES.slowConsumer, 0), 1000);
  t.equal(after(CLOSE_CODES.slowConsumer, 3), 2000);
  t.equal(after(CLOSE_CODES.banned, 0), undefined);
});
