// Decides whether a source's picture may be handed on as it came. Pure.
import { MAX_PASSTHROUGH_GOP_MS } from '../../core/passthrough-gop.ts';
import type { LadderVideo } from './ladder-source.ts';

/** Why the source cannot be the top rendition as it is; undefined when it can. */
export function findPassthroughObstacle(video: LadderVideo, mode: 'auto' | 'never'): string | undefined {
  if (mode === 'never') return 'passthrough is switched off';
  if (video.codec !== 'h264') return `${video.codec} is not what every player decodes`;
  if (video.profile === 'other') return 'it is not progressive 8-bit 4:2:0 baseline, main or high';
  if (video.hasBFrames) return 'it has B-frames, which WebRTC cannot carry';
  // A GOP not seen yet gets the benefit of the doubt: a later plan corrects it.
  if ((video.gopMs ?? 0) > MAX_PASSTHROUGH_GOP_MS) return `its key frames are ${video.gopMs} ms apart`;
  return undefined;
}
