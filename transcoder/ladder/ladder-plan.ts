// Plans which renditions a source is turned into on this machine. A pure function of its arguments.
import type { VideoCodec } from '../../core/access-unit.ts';
import { BarrageError } from '../../core/errors.ts';
import { type AudioPlan, planAudio } from './audio-plan.ts';
import { decodeCost, encodeCost, plannedFrameRate, type X264Preset } from './ladder-cost.ts';
import type { LadderSource, LadderVideo } from './ladder-source.ts';
import { findPassthroughObstacle } from './passthrough.ts';
import { listCandidates } from './rung-candidates.ts';

/** One configured rung; `height` is the short side. */
export interface RungSettings {
  readonly name: string;
  readonly height: number;
  readonly videoKbps: number;
  /** Sources faster than this are thinned for this rung (default 60). */
  readonly maxFrameRate?: number;
}

/** Settings of the ladder. */
export interface LadderSettings {
  readonly rungs: readonly RungSettings[];
  /** Most video qualities offered, the passed-through source included (default 4). */
  readonly maxLayers?: number;
  readonly passthrough: 'auto' | 'never';
  readonly preset: X264Preset;
  /** Of AAC and of Opus each. */
  readonly audioKbps: number;
  /** `never`: no sound is made for WebRTC; Opus of the source is still handed on (default `auto`). */
  readonly opus?: 'auto' | 'never';
}

/** What the machine offers: encoder cores still free, and what its ffmpeg can do. */
export interface LadderMachine {
  readonly cores: number;
  /** Core seconds per second that may still be used. */
  readonly budget: number;
  readonly encoders: readonly string[];
  readonly decoders: readonly string[];
}

/** A rendition to encode. */
export interface PlannedRung {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly videoKbps: number;
  readonly frameRate: number;
  /** Fewer frames than the source has. */
  readonly isThinned: boolean;
  /** Core seconds per second. */
  readonly cost: number;
}

/** The source as top rendition, or why it cannot be. */
export type PassthroughPlan =
  | { readonly kind: 'source' }
  | { readonly kind: 'none'; readonly reason: string };

/** A rung that was left out, and why. */
export interface DroppedRung {
  readonly rung: string;
  readonly reason: string;
}

/** What to make of a source. */
export interface LadderPlan {
  readonly passthrough: PassthroughPlan;
  /** Tallest first; may be empty. */
  readonly rungs: readonly PlannedRung[];
  readonly audio: AudioPlan;
  /** Where key frames go: each second of media time, or where the source has them. */
  readonly keyFrames: 'second' | 'source';
  readonly preset: X264Preset;
  /** Threads of each x264, chosen so that all rungs together keep pace. */
  readonly encoderThreads: number;
  readonly dropped: readonly DroppedRung[];
  /** Core seconds per second of the whole plan. */
  readonly cost: number;
}

const MAX_LAYERS = 4;
const MAX_ENCODER_THREADS = 4;
/** Above this, one thread does not decode and encode a whole ladder in real time. */
const ONE_THREAD_COST = 0.7;

/**
 * Plans renditions and their cost. Rungs are chosen in this order: the lowest, so that everybody can
 * watch; the tallest that fits beside it; then those between, from the top.
 * @throws BarrageError `OVERLOADED` when nothing can be shown within the budget, `UNSUPPORTED_MEDIA` when
 * this ffmpeg cannot decode the source.
 */
export function planLadder(
  source: LadderSource,
  machine: LadderMachine,
  settings: LadderSettings,
): LadderPlan {
  const audio = planAudio(source.audio, machine, settings);
  const base = { audio, preset: settings.preset, keyFrames: 'second' } as const;
  if (source.video === undefined) {
    const passthrough = { kind: 'none', reason: 'the source has no picture' } as const;
    return { ...base, passthrough, rungs: [], encoderThreads: 1, dropped: audio.dropped, cost: audio.cost };
  }
  const obstacle = findPassthroughObstacle(source.video, settings.passthrough);
  const isPassed = obstacle === undefined;
  if (!isPassed) requireDecoder(source.video.codec, machine);
  const chosen = chooseRungs(source.video, { machine, settings, isPassed, spent: audio.cost });
  const cost = audio.cost + chosen.cost;
  return {
    ...base,
    passthrough: isPassed ? { kind: 'source' } : { kind: 'none', reason: obstacle },
    keyFrames: isPassed ? 'source' : 'second',
    rungs: chosen.rungs,
    dropped: [...chosen.dropped, ...audio.dropped],
    encoderThreads: cost > ONE_THREAD_COST ? Math.min(MAX_ENCODER_THREADS, machine.cores) : 1,
    cost,
  };
}

interface ChoiceContext {
  readonly machine: LadderMachine;
  readonly settings: LadderSettings;
  readonly isPassed: boolean;
  /** Cost of what is planned already. */
  readonly spent: number;
}

interface Choice {
  readonly rungs: readonly PlannedRung[];
  readonly dropped: readonly DroppedRung[];
  readonly cost: number;
}

function chooseRungs(video: LadderVideo, context: ChoiceContext): Choice {
  const { machine, settings, isPassed } = context;
  const obstacle = findEncodeObstacle(video.codec, machine);
  const layers = Math.max(1, Math.min(MAX_LAYERS, settings.maxLayers ?? MAX_LAYERS)) - (isPassed ? 1 : 0);
  const listed = listCandidates(video, { rungs: settings.rungs, isPassed, layers });
  const candidates = listed.rungs.map((rung) => toPlannedRung(video, rung, settings.preset));
  if (obstacle !== undefined) {
    if (!isPassed) throw new BarrageError('UNSUPPORTED_MEDIA', obstacle);
    return { rungs: [], dropped: candidates.map(({ id }) => ({ rung: id, reason: obstacle })), cost: 0 };
  }
  const fitted = fitBudget(candidates, { decode: decodeCost(video), free: machine.budget - context.spent });
  if (fitted.rungs.length === 0 && candidates.length > 0 && !isPassed) {
    throw new BarrageError('OVERLOADED', `no rung fits this machine: ${fitted.dropped.at(-1)?.reason}`);
  }
  return { ...fitted, dropped: [...listed.dropped, ...fitted.dropped] };
}

function toPlannedRung(
  video: LadderVideo,
  rung: Omit<PlannedRung, 'cost' | 'frameRate' | 'isThinned'> & { maxFrameRate: number },
  preset: X264Preset,
): PlannedRung {
  const { id, width, height, videoKbps, maxFrameRate } = rung;
  const sourceRate = plannedFrameRate(video);
  // A frame above the limit is measurement noise, not a faster source.
  const isThinned = sourceRate > maxFrameRate + 1;
  const frameRate = isThinned ? maxFrameRate : sourceRate;
  const cost = encodeCost(video, { width, height, frameRate, preset });
  return { id, width, height, videoKbps, frameRate, isThinned, cost };
}

function fitBudget(candidates: readonly PlannedRung[], budget: { decode: number; free: number }): Choice {
  const kept = new Set<PlannedRung>();
  const dropped: DroppedRung[] = [];
  let cost = budget.decode;
  // Lowest first, then from the top down: see planLadder.
  for (const rung of [...candidates.slice(-1), ...candidates.slice(0, -1)]) {
    if (cost + rung.cost <= budget.free) {
      kept.add(rung);
      cost += rung.cost;
    } else {
      const free = Math.max(0, budget.free - cost);
      const reason = `needs ${rung.cost.toFixed(2)} cores, ${free.toFixed(2)} are left`;
      dropped.push({ rung: rung.id, reason });
    }
  }
  return { rungs: candidates.filter((rung) => kept.has(rung)), dropped, cost: kept.size > 0 ? cost : 0 };
}

const DECODERS: Readonly<Record<VideoCodec, readonly string[]>> = {
  h264: ['h264'],
  hevc: ['hevc'],
  av1: ['libdav1d', 'libaom-av1', 'av1'],
  vp8: ['vp8', 'libvpx'],
  vp9: ['vp9', 'libvpx-vp9'],
};

function requireDecoder(codec: VideoCodec, machine: LadderMachine): void {
  const obstacle = findEncodeObstacle(codec, machine);
  if (obstacle !== undefined) throw new BarrageError('UNSUPPORTED_MEDIA', obstacle);
}

function findEncodeObstacle(codec: VideoCodec, { encoders, decoders }: LadderMachine): string | undefined {
  if (!DECODERS[codec].some((name) => decoders.includes(name))) return `this ffmpeg cannot decode ${codec}`;
  return encoders.includes('libx264') ? undefined : 'this ffmpeg has no libx264';
}
