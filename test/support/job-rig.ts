// What the tests of FfmpegJob share: a job on an encoded source and what it makes. No assertions.
import type { AccessUnit, Track } from '../../core/access-unit.ts';
import { silentLogger } from '../../core/logger.ts';
import { FfmpegJob, type FfmpegJobOptions } from '../../transcoder/ffmpeg/ffmpeg-job.ts';
import { type LadderPlan, type LadderSettings, planLadder } from '../../transcoder/ladder/ladder-plan.ts';
import { toLadderSource } from '../../transcoder/ladder/ladder-source.ts';
import { ROOMY, SMALL_LADDER, shiftUnit, type TestSource } from './transcoder-rig.ts';

/** Media time of the first unit of every job. */
export const START_US = 1_764_000_000_000_000;

/** A plan for a source, as if it had been probed for a moment. */
export function plan(source: TestSource, settings: Partial<LadderSettings> = {}): LadderPlan {
  const { video, audio } = source;
  const observed = {
    video: video && { track: video.track, hasBFrames: false, gopMs: 0, frameRate: 30 },
    audio: audio?.track,
  };
  return planLadder(toLadderSource(observed), ROOMY, { ...SMALL_LADDER, ...settings });
}

/** What came out of a job as one rendition. */
export interface Made {
  readonly track: Track;
  readonly units: AccessUnit[];
}

/** Starts a job and collects what comes out of it. */
export function start(source: TestSource, options: Partial<FfmpegJobOptions> = {}) {
  const job = new FfmpegJob({
    path: 'ffmpeg',
    plan: plan(source),
    video: source.video?.track,
    audio: source.audio?.track,
    startUs: START_US,
    stallTimeoutMs: 60_000,
    logger: silentLogger,
    ...options,
  });
  const made = new Map<string, Made>();
  job.on('track', (id, track) => made.set(id, { track, units: [] }));
  job.on('unit', (id, unit) => made.get(id)?.units.push(unit));
  return { job, made };
}

/** The source's units in decode order, on the media clock. */
export function unitsOf(source: TestSource): { kind: Track['kind']; unit: AccessUnit }[] {
  return (['video', 'audio'] as const)
    .flatMap((kind) => (source[kind]?.units ?? []).map((unit) => ({ kind, unit: shiftUnit(unit, START_US) })))
    .sort((a, b) => a.unit.dtsUs - b.unit.dtsUs);
}
