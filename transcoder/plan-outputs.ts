// Questions about a ladder plan that decide whether ffmpeg has to run, or run anew. Pure.
import type { LadderPlan } from './ladder/ladder-plan.ts';

/** Ids of the renditions ffmpeg makes: rungs, tallest first, then `opus` and `aac`. */
export function outputIds({ rungs, audio }: LadderPlan): string[] {
  const sound = (['opus', 'aac'] as const).filter((id) => audio[id].kind === 'encode');
  return [...rungs.map(({ id }) => id), ...sound];
}

/** What is left of a plan when the source has no picture, or no sound, any more. */
export function restrictPlan(plan: LadderPlan, has: { video: boolean; audio: boolean }): LadderPlan {
  const silent = { opus: { kind: 'none' }, aac: { kind: 'none' }, dropped: [], cost: 0 } as const;
  return { ...plan, rungs: has.video ? plan.rungs : [], audio: has.audio ? plan.audio : silent };
}

/** Whether ffmpeg has the same to do for both plans. */
export function isSameWork(a: LadderPlan, b: LadderPlan): boolean {
  return JSON.stringify(describeWork(a)) === JSON.stringify(describeWork(b));
}

function describeWork({ rungs, audio, keyFrames, preset }: LadderPlan): unknown {
  const pictures = rungs.map(({ id, width, height, videoKbps, isThinned }) => [
    id,
    width,
    height,
    videoKbps,
    isThinned,
  ]);
  return [pictures, audio.opus, audio.aac, keyFrames, preset];
}

/**
 * A plan with one rung less, for an ffmpeg that does not keep up: first what lies between the tallest and
 * the lowest, then the tallest. Undefined when there is nothing to take away.
 */
export function shrinkPlan(plan: LadderPlan): LadderPlan | undefined {
  if (plan.rungs.length < 2) return undefined;
  const lost = plan.rungs[plan.rungs.length > 2 ? plan.rungs.length - 2 : 0];
  if (lost === undefined) return undefined;
  return {
    ...plan,
    rungs: plan.rungs.filter((rung) => rung !== lost),
    dropped: [...plan.dropped, { rung: lost.id, reason: 'ffmpeg did not keep up' }],
    cost: plan.cost - lost.cost,
  };
}
