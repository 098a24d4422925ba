// A storm's counts on made-up losses and returns.
import t from 'tap';
import { peakRate, Storm, shareCurve, timeUntil } from '../../../../bench/instruments/reconnect/storm.ts';

function backAt(atMs: number) {
  return { atMs, recovered: true, missedEvents: 2, helloBytes: 100 };
}

t.test('times count from when people could come back; who is lost again has not come back', async (t) => {
  const storm = new Storm(4);
  for (const viewer of [0, 1, 2, 3]) storm.lose(viewer, '1006');
  storm.comeBack(0, backAt(900));
  storm.comeBack(1, backAt(1500));
  storm.comeBack(2, backAt(2000));
  storm.lose(2, '4008');
  t.equal(storm.resumed, 2);
  storm.comeBack(2, backAt(2600));
  const outcome = storm.outcome(1000);
  t.same(outcome.resumedMs, [0, 500, 1600]);
  t.match(outcome, { viewers: 4, lost: 4, resumed: 3, missedEvents: 6, failures: { 1006: 4, 4008: 1 } });
  t.equal(timeUntil(outcome, 50), 500);
  t.equal(timeUntil(outcome, 75), 1600);
  t.equal(timeUntil(outcome, 99), undefined, 'one never came back');
  t.same(shareCurve(outcome).at(-1), [1.6, 75]);
});

t.test('who was never lost does not come back', async (t) => {
  const storm = new Storm(1);
  storm.comeBack(0, backAt(5));
  t.equal(storm.outcome(0).resumed, 0);
});

t.test('the peak rate is that of the busiest second', async (t) => {
  const storm = new Storm(6);
  [0, 100, 900, 1500, 1600, 4000].forEach((atMs, viewer) => {
    storm.lose(viewer, '1006');
    storm.comeBack(viewer, backAt(atMs));
  });
  t.equal(peakRate(storm.outcome(0)), 3);
});
