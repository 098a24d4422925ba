// The rungs that make sense for a source's size, before anybody asks what they cost. Pure.
import type { DroppedRung, RungSettings } from './ladder-plan.ts';
import type { LadderVideo } from './ladder-source.ts';
import { fitShortSide, shortSide } from './rung-size.ts';

/** A rung with its size in this source's shape. */
export interface RungCandidate {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  readonly videoKbps: number;
  readonly maxFrameRate: number;
}

/** What {@link listCandidates} works with; `layers` is how many may be encoded. */
export interface CandidateOptions {
  readonly rungs: readonly RungSettings[];
  readonly isPassed: boolean;
  readonly layers: number;
}

const DEFAULT_MAX_FRAME_RATE = 60;
/** Rungs closer to the one above than this are not worth an encoder. */
const MIN_STEP = 0.85;
/** Bits needed grow slower than the picture: about with height to this power. */
const RATE_EXPONENT = 1.5;
const MIN_VIDEO_KBPS = 100;

/**
 * Rungs for a source, tallest first: one at its own size when it is not passed through (at most the
 * tallest configured), then the configured ones below, at most `layers`.
 */
export function listCandidates(
  video: LadderVideo,
  { rungs, isPassed, layers }: CandidateOptions,
): { rungs: RungCandidate[]; dropped: DroppedRung[] } {
  const sorted = rungs.toSorted((a, b) => b.height - a.height);
  const source = shortSide(video);
  const dropped: DroppedRung[] = [];
  const kept: RungCandidate[] = isPassed || sorted.length === 0 ? [] : [toTopRung(video, sorted)];
  let above = isPassed ? source : Math.min(source, sorted[0]?.height ?? source);
  for (const rung of sorted) {
    if (rung.height > source) dropped.push({ rung: rung.name, reason: `taller than the source's ${source}` });
    else if (rung.height <= above * MIN_STEP) {
      kept.push({ ...describe(rung), ...fitShortSide(video, rung.height) });
      above = rung.height;
    } else if (!kept.some(({ id }) => id === rung.name)) {
      dropped.push({ rung: rung.name, reason: `too close to ${above}` });
    }
  }
  return { rungs: thin(kept, layers, dropped), dropped };
}

function describe(rung: RungSettings): Pick<RungCandidate, 'id' | 'videoKbps' | 'maxFrameRate'> {
  const maxFrameRate = rung.maxFrameRate ?? DEFAULT_MAX_FRAME_RATE;
  return { id: rung.name, videoKbps: rung.videoKbps, maxFrameRate };
}

// The source's own size when it lies between rungs gets the next taller rung's settings, scaled by size.
function toTopRung(video: LadderVideo, sorted: readonly RungSettings[]): RungCandidate {
  const source = shortSide(video);
  const next = sorted.findLast((rung) => rung.height >= source) ?? (sorted[0] as RungSettings);
  const size = fitShortSide(video, next.height);
  if (next.height <= source) return { ...describe(next), ...size };
  const videoKbps = Math.max(
    MIN_VIDEO_KBPS,
    Math.round(next.videoKbps * (source / next.height) ** RATE_EXPONENT),
  );
  return { ...describe(next), ...size, id: `${source}p`, videoKbps };
}

// What is lost first is the second lowest: the ends of the ladder matter more than its middle.
function thin(rungs: readonly RungCandidate[], layers: number, dropped: DroppedRung[]): RungCandidate[] {
  const kept = [...rungs];
  while (kept.length > Math.max(0, layers)) {
    const [lost] = kept.splice(kept.length > 2 ? -2 : kept.length - 1, 1);
    if (lost) dropped.push({ rung: lost.id, reason: `more than ${layers} encoded layers` });
  }
  return kept;
}
