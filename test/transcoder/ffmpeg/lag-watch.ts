// Falling behind, told apart from a burst and from a stall.
import t from 'tap';
import { LagWatch } from '../../../transcoder/ffmpeg/lag-watch.ts';

const SECOND_US = 1_000_000;

t.test('output that falls behind for a while is told with how far', async (t) => {
  const watch = new LagWatch();
  for (let ms = 0; ms <= 10_000; ms += 250) {
    watch.handleInput(ms * 1000);
    watch.handleOutput(ms * 500);
    const lagMs = watch.find(ms);
    if (ms < 3_000) t.equal(lagMs, undefined, `not yet at ${ms}`);
    if (ms >= 3_500) t.equal(lagMs, ms / 2);
  }
});

t.test('a burst that is caught up with is nothing to tell', async (t) => {
  const watch = new LagWatch();
  watch.handleOutput(0);
  watch.handleInput(3 * SECOND_US);
  t.equal(watch.find(0), undefined);
  t.equal(watch.find(1500), undefined);
  watch.handleOutput(2.9 * SECOND_US);
  t.equal(watch.find(1750), undefined);
  watch.handleInput(6 * SECOND_US);
  t.equal(watch.find(2500), undefined, 'the patience starts over');
});

t.test('without output there is no lag, but a stall, which is not told here', async (t) => {
  const watch = new LagWatch();
  watch.handleInput(10 * SECOND_US);
  t.equal(watch.find(60_000), undefined);
});
