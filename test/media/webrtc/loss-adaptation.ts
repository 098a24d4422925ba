// Layer choice by loss: down quickly, up slowly, slower each time up was wrong.
import t from 'tap';
import { LossAdaptation } from '../../../media/webrtc/loss-adaptation.ts';

/** Watches once a second; answers `second:cap` for every change. */
function run(seconds: number, score: (second: number, cap: number | undefined) => number): string[] {
  const adaptation = new LossAdaptation();
  const changes: string[] = [];
  for (let second = 0; second < seconds; second++) {
    const observation = { score: score(second, adaptation.cap), layers: [0, 2, 3], nowMs: second * 1000 };
    if (adaptation.observe(observation)) changes.push(`${second}:${adaptation.cap}`);
  }
  return changes;
}

t.test('a viewer without loss is left alone', async (t) => {
  t.same(
    run(60, () => 10),
    [],
  );
});

t.test('loss takes one layer after the other, never below the lowest', async (t) => {
  t.same(
    run(20, () => 3),
    ['0:2', '3:0'],
  );
});

t.test('layers come back one by one once the loss is over', async (t) => {
  t.same(
    run(60, (second) => (second < 4 ? 3 : 10)),
    ['0:2', '3:0', '14:2', '24:undefined'],
  );
});

t.test('a line that takes the middle layer only is tried ever more rarely', async (t) => {
  const changes = run(200, (_, cap) => (cap === undefined ? 3 : 10));
  const ups = changes
    .filter((change) => change.endsWith('undefined'))
    .map((change) => Number.parseInt(change, 10));
  t.same(ups, [11, 35, 79, 163]);
});

t.test('some loss is no reason to move', async (t) => {
  t.same(
    run(30, () => 8),
    [],
  );
});
