// Which plans are the same work, and what a smaller one loses.
import t from 'tap';
import { planLadder } from '../../transcoder/ladder/ladder-plan.ts';
import type { LadderVideo } from '../../transcoder/ladder/ladder-source.ts';
import { isSameWork, outputIds, restrictPlan, shrinkPlan } from '../../transcoder/plan-outputs.ts';
import { ROOMY, SMALL_LADDER } from '../support/transcoder-rig.ts';

const video: LadderVideo = {
  codec: 'h264',
  width: 640,
  height: 360,
  frameRate: 30,
  hasBFrames: true,
  gopMs: 0,
  profile: 'high',
  bitrateKbps: 0,
};
const audio = { codec: 'aac', sampleRate: 48_000, channels: 2 } as const;
const rungs = [{ name: '360p', height: 360, videoKbps: 800 }, ...SMALL_LADDER.rungs];
const plan = planLadder({ video, audio }, ROOMY, { ...SMALL_LADDER, rungs });

t.test('names what ffmpeg makes', async (t) => {
  t.same(outputIds(plan), ['360p', '240p', '144p', 'opus']);
});

t.test('plans differ when ffmpeg has something else to do, not when only figures do', async (t) => {
  const better = planLadder({ video: { ...video, gopMs: 4000, frameRate: 29.97 }, audio }, ROOMY, {
    ...SMALL_LADDER,
    rungs,
  });
  t.ok(isSameWork(plan, better));
  t.notOk(isSameWork(plan, { ...plan, keyFrames: 'source' }));
  t.notOk(isSameWork(plan, restrictPlan(plan, { video: true, audio: false })));
});

t.test('a missing track takes its renditions with it', async (t) => {
  t.same(outputIds(restrictPlan(plan, { video: true, audio: false })), ['360p', '240p', '144p']);
  t.same(outputIds(restrictPlan(plan, { video: false, audio: true })), ['opus']);
});

t.test('shrinks from the middle, then from the top, to the lowest rung', async (t) => {
  const ids: string[][] = [];
  for (let next = shrinkPlan(plan); next; next = shrinkPlan(next)) ids.push(next.rungs.map(({ id }) => id));
  t.same(ids, [['360p', '144p'], ['144p']]);
  t.match(shrinkPlan(plan)?.dropped.at(-1), { rung: '240p', reason: /keep up/ });
  t.ok((shrinkPlan(plan)?.cost ?? 0) < plan.cost);
});
