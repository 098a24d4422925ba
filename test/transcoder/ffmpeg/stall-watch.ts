// Stalls from made-up times.
import t from 'tap';
import { StallWatch } from '../../../transcoder/ffmpeg/stall-watch.ts';

t.test('input without output for the timeout is a stall, of that kind only', async (t) => {
  const watch = new StallWatch(2000);
  watch.handleOutput('video');
  for (let ms = 0; ms < 1000; ms += 100) {
    watch.handleInput('video', ms);
    watch.handleInput('audio', ms);
  }
  watch.handleOutput('audio');
  t.equal(watch.find(2000), undefined);
  t.same(watch.find(2001), { kind: 'video', forMs: 2001 });
});

t.test('the first output may take longer', async (t) => {
  const watch = new StallWatch(2000);
  for (let ms = 0; ms < 1000; ms += 100) watch.handleInput('video', ms);
  t.equal(watch.find(8000), undefined);
  t.same(watch.find(8001), { kind: 'video', forMs: 8001 });
});

t.test('no input is no stall', async (t) => {
  t.equal(new StallWatch(2000).find(1e9), undefined);
});

t.test('the few units a decoder holds back are no stall', async (t) => {
  const watch = new StallWatch(2000);
  for (let index = 0; index < 4; index++) watch.handleInput('video', index * 1000);
  t.equal(watch.find(100_000), undefined);
});
