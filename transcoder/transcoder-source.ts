// What a transcoder reads from: the stream's source renditions and the units a run that starts late begins
// with. Holds no media itself.
import type { AccessUnit, AudioTrack, Track, VideoTrack } from '../core/access-unit.ts';
import type { SourceRenditionPort } from '../core/rendition.ts';

/** The source renditions of a stream, at least one. */
export interface TranscoderSource {
  readonly video?: SourceRenditionPort | undefined;
  readonly audio?: SourceRenditionPort | undefined;
}

/** A unit and where it came from. */
export interface SourceUnit {
  readonly kind: Track['kind'];
  readonly unit: AccessUnit;
}

/** A first run encodes at most so much of what was there before it; more would come out late. */
const MAX_CATCH_UP_US = 1_500_000;

/** Units to begin with, in decode order, and the media time from which pictures are worth encoding. */
export interface Backlog {
  readonly units: readonly SourceUnit[];
  readonly skipBeforeUs: number | undefined;
}

/**
 * The group of pictures in progress, with the sound that goes with it. `shownUntilUs` is set when viewers
 * have seen something already: then old pictures are decoded only for what follows them, and not encoded.
 */
export function collectBacklog(source: TranscoderSource, shownUntilUs: number | undefined): Backlog {
  const video = source.video?.gop() ?? [];
  const audio = source.audio?.gop() ?? [];
  const newestUs = Math.max(video.at(-1)?.dtsUs ?? 0, audio.at(-1)?.dtsUs ?? 0);
  const oldestUs =
    shownUntilUs === undefined ? newestUs - MAX_CATCH_UP_US : Math.max(newestUs, shownUntilUs + 1);
  const units = [
    ...video.map((unit) => ({ kind: 'video', unit }) as const),
    ...audio.filter(({ dtsUs }) => dtsUs >= oldestUs).map((unit) => ({ kind: 'audio', unit }) as const),
  ].sort((a, b) => a.unit.dtsUs - b.unit.dtsUs);
  const firstPtsUs = video[0]?.ptsUs;
  const skips = firstPtsUs !== undefined && firstPtsUs < oldestUs;
  return { units, skipBeforeUs: skips ? oldestUs : undefined };
}

/** The source's tracks as they are now. */
export function currentTracks(source: TranscoderSource): {
  video: VideoTrack | undefined;
  audio: AudioTrack | undefined;
} {
  const [video, audio] = [source.video?.track, source.audio?.track];
  return {
    video: video?.kind === 'video' ? video : undefined,
    audio: audio?.kind === 'audio' ? audio : undefined,
  };
}
