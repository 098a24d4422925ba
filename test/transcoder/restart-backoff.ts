// Waits between restarts.
import t from 'tap';
import { Backoff } from '../../transcoder/restart-backoff.ts';

t.test('doubles up to its longest wait', async (t) => {
  const backoff = new Backoff({ minMs: 100, maxMs: 1000 });
  t.same(
    [0, 1000, 2000, 3000, 4000, 5000].map((ms) => backoff.next(ms)),
    [100, 200, 400, 800, 1000, 1000],
  );
});

t.test('a good run in between starts over', async (t) => {
  const backoff = new Backoff({ minMs: 100, maxMs: 1000 });
  backoff.next(0);
  backoff.next(500);
  t.equal(backoff.next(60_000), 100);
});
