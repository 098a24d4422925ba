// The clock offset from round trips.
import t from 'tap';
import { ServerClock } from '../../../../web/sdk/timing/server-clock.ts';

t.test('until the first answer the offset is zero and said to be unknown', async (t) => {
  const clock = new ServerClock(() => 500);
  t.equal(clock.known, false);
  t.equal(clock.nowMs(), 500);
});

t.test('the shortest round trip is believed', async (t) => {
  const clock = new ServerClock(() => 1000);
  clock.addSample({ sentAtMs: 0, receivedAtMs: 400, serverTimeMs: 5390 });
  t.equal(clock.offsetMs, 5190);
  clock.addSample({ sentAtMs: 500, receivedAtMs: 510, serverTimeMs: 5505 });
  t.equal(clock.offsetMs, 5000);
  clock.addSample({ sentAtMs: 600, receivedAtMs: 900, serverTimeMs: 5890 });
  t.equal(clock.offsetMs, 5000);
  t.equal(clock.rttMs, 10);
  t.equal(clock.nowMs(), 6000);
  t.equal(clock.toServerMs(1), 5001);
});

t.test('old round trips are forgotten, so that drift is followed', async (t) => {
  const clock = new ServerClock(() => 0);
  clock.addSample({ sentAtMs: 0, receivedAtMs: 2, serverTimeMs: 101 });
  const laterMs = 11 * 60_000;
  clock.addSample({ sentAtMs: laterMs, receivedAtMs: laterMs + 20, serverTimeMs: laterMs + 160 });
  t.equal(clock.offsetMs, 150);
});

t.test('answers that make no sense are ignored', async (t) => {
  const clock = new ServerClock(() => 0);
  clock.addSample({ sentAtMs: 10, receivedAtMs: 5, serverTimeMs: 100 });
  clock.addSample({ sentAtMs: 0, receivedAtMs: 5, serverTimeMs: Number.NaN });
  t.equal(clock.known, false);
});
