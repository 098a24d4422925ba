// How cost grows; not what it is, which is measured.
import t from 'tap';
import { decodeCost, encodeCost, plannedFrameRate } from '../../../transcoder/ladder/ladder-cost.ts';
import type { LadderVideo } from '../../../transcoder/ladder/ladder-source.ts';

const video: LadderVideo = {
  codec: 'h264',
  width: 1280,
  height: 720,
  frameRate: 30,
  hasBFrames: true,
  gopMs: 0,
  profile: 'high',
  bitrateKbps: 0,
};
const load = { width: 854, height: 480, frameRate: 30, preset: 'veryfast' } as const;

t.test('grows with the picture, the rate and the preset', async (t) => {
  const cost = encodeCost(video, load);
  t.ok(encodeCost(video, { ...load, width: 1920, height: 1080 }) > cost);
  t.ok(encodeCost(video, { ...load, frameRate: 60 }) > cost);
  t.ok(encodeCost(video, { ...load, preset: 'medium' }) > cost);
  t.ok(encodeCost(video, { ...load, preset: 'ultrafast' }) < cost);
  t.ok(decodeCost({ ...video, codec: 'hevc' }) > decodeCost(video));
});

t.test('the source size is not scaled', async (t) => {
  const own = { ...load, width: 1280, height: 720 };
  const bigger = { ...video, width: 1282 };
  t.ok(encodeCost(bigger, own) > encodeCost(video, own));
});

t.test('an unknown rate is taken for 30', async (t) => {
  t.equal(plannedFrameRate({ ...video, frameRate: 0 }), 30);
  t.equal(plannedFrameRate({ ...video, frameRate: 50 }), 50);
});
