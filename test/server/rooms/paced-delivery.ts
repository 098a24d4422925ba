// The pace of deliveries, by a clock that the test sets.
import t from 'tap';
import { PacedDelivery } from '../../../server/rooms/paced-delivery.ts';

/** A pace of 100 ms; each delivery takes `tookMs` of the test's clock, as writing does: after the turn. */
function createPace(tookMs = 0) {
  const clock = { nowMs: 1_000_000 };
  const deliveredAt: number[] = [];
  const delivered = Promise.withResolvers<void>();
  const pace = new PacedDelivery({
    intervalMs: 100,
    maxShare: 2 / 3,
    nowMs: () => clock.nowMs,
    deliver: () => {
      deliveredAt.push(clock.nowMs);
      process.nextTick(() => {
        clock.nowMs += tookMs;
      });
      delivered.resolve();
    },
  });
  return { pace, clock, deliveredAt, delivered: delivered.promise };
}

t.test('what comes in one turn after a quiet time goes out together', async (t) => {
  const { pace, deliveredAt, delivered } = createPace();
  for (let n = 0; n < 3; n++) {
    pace.catchUp();
    pace.arm();
  }
  t.equal(deliveredAt.length, 0);
  await delivered;
  t.equal(deliveredAt.length, 1);
  pace.stop();
});

t.test('a delivery whose timer is not let in time is made up for by who comes next', async (t) => {
  const { pace, clock, deliveredAt } = createPace();
  pace.arm();
  clock.nowMs += 5;
  pace.catchUp();
  t.equal(deliveredAt.length, 0, 'a timer may be a little late');
  clock.nowMs += 10;
  pace.catchUp();
  t.equal(deliveredAt.length, 1);
  pace.catchUp();
  t.equal(deliveredAt.length, 1, 'nothing is waiting any more');
  pace.arm();
  clock.nowMs += 90;
  pace.catchUp();
  t.equal(deliveredAt.length, 1, 'the interval is kept');
  clock.nowMs += 30;
  pace.catchUp();
  t.equal(deliveredAt.length, 2);
  pace.stop();
});

t.test('deliveries that take long take their share of the time at most', async (t) => {
  const { pace, clock, deliveredAt } = createPace(200);
  pace.arm();
  for (let n = 0; n < 200; n++) {
    clock.nowMs += 10;
    pace.catchUp();
    pace.arm();
    await new Promise<void>((resolve) => process.nextTick(resolve));
  }
  const gaps = deliveredAt.slice(1).map((at, index) => at - (deliveredAt[index] ?? 0));
  t.ok(gaps.length > 3);
  t.ok(
    gaps.every((gap) => gap >= 300),
    `gaps of ${gaps} ms`,
  );
  pace.stop();
});

t.test('stopping delivers once more and then never', async (t) => {
  const { pace, deliveredAt } = createPace();
  pace.arm();
  pace.stop();
  pace.stop();
  pace.arm();
  pace.catchUp();
  t.equal(deliveredAt.length, 1);
});
