// The stamp of a danmaku, on a clock of the test's own.
import t from 'tap';
import { pictureTimeMs } from '../../../../web/sdk/timing/picture-time.ts';
import { Playhead } from '../../../../web/sdk/timing/playhead.ts';

const MEDIA_MS = 1_790_000_000_000;

t.test('after a busy spell the pictures shown meanwhile are known before the stamp is made', async (t) => {
  const clock = { nowMs: 1000 };
  const nowMs = () => clock.nowMs;
  const playhead = new Playhead({ nowMs });
  const show = () => playhead.addSample({ mediaMs: MEDIA_MS + clock.nowMs, atMs: clock.nowMs });
  show();
  // No callback came for 700 ms; the viewer presses, and with the next rendering they do.
  clock.nowMs += 700;
  const pressedMs = clock.nowMs;
  const nextRendering = async () => {
    clock.nowMs += 16;
    show();
  };
  t.equal(await pictureTimeMs(playhead, { nowMs, nextRendering }), MEDIA_MS + pressedMs);
});

t.test('without a picture there is no stamp', async (t) => {
  const nextRendering = async () => undefined;
  t.equal(await pictureTimeMs(new Playhead(), { nextRendering }), undefined);
});
