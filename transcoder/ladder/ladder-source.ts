// What the ladder planner has to know of a source, taken from its tracks and what a probe saw of it.
import type { AudioTrack, VideoCodec, VideoTrack } from '../../core/access-unit.ts';
import { parseAudioSpecificConfig } from '../../core/codec/aac.ts';
import { parseAvcConfig, parseSps } from '../../core/codec/avc.ts';
import { BarrageError } from '../../core/errors.ts';

/** Picture of a source, as planned for. */
export interface LadderVideo {
  readonly codec: VideoCodec;
  readonly width: number;
  readonly height: number;
  /** Frames per second; 0 when not known yet. */
  readonly frameRate: number;
  readonly hasBFrames: boolean;
  /** Longest distance between key frames seen; undefined or 0 when none was seen yet. */
  readonly gopMs: number | undefined;
  /** H.264 baseline, main or high with 4:2:0, 8 bits, progressive: what every player decodes. */
  readonly profile: 'baseline' | 'main' | 'high' | 'other';
  /** 0 when not known. */
  readonly bitrateKbps: number;
}

/** Sound of a source, as planned for. */
export interface LadderAudio {
  readonly codec: 'aac' | 'aac-other' | 'opus';
  readonly sampleRate: number;
  readonly channels: number;
}

/** A whole source; either may be missing, not both. */
export interface LadderSource {
  readonly video: LadderVideo | undefined;
  readonly audio: LadderAudio | undefined;
}

/** A source as the stream describes it; `gopMs` 0 while no key frame but the first was seen. */
export interface ObservedSource {
  readonly video:
    | {
        readonly track: VideoTrack;
        readonly hasBFrames: boolean;
        readonly gopMs: number;
        readonly frameRate: number;
      }
    | undefined;
  readonly audio: AudioTrack | undefined;
}

/** The planner's view of an observed source; a track that cannot be parsed is one to be re-encoded. */
export function toLadderSource({ video, audio }: ObservedSource): LadderSource {
  return { video: video && toLadderVideo(video), audio: audio && toLadderAudio(audio) };
}

function toLadderVideo(video: NonNullable<ObservedSource['video']>): LadderVideo {
  const { codec, width, height, bitrateKbps } = video.track;
  const { frameRate, gopMs } = video;
  const facts = codec === 'h264' ? readAvcFacts(video.track.config) : UNKNOWN_FACTS;
  const hasBFrames = video.hasBFrames || facts.reorders;
  return { codec, width, height, frameRate, hasBFrames, gopMs, profile: facts.profile, bitrateKbps };
}

interface AvcFacts {
  readonly profile: LadderVideo['profile'];
  readonly reorders: boolean;
}

const UNKNOWN_FACTS: AvcFacts = { profile: 'other', reorders: false };
const PROFILES: Readonly<Record<number, LadderVideo['profile']>> = {
  66: 'baseline',
  77: 'main',
  100: 'high',
};

function readAvcFacts(config: Buffer): AvcFacts {
  try {
    const sps = parseSps(parseAvcConfig(config).sps[0] as Buffer);
    const is420 = sps.chromaFormat === 1 && sps.bitDepthLuma === 8 && sps.bitDepthChroma === 8;
    const profile = is420 && !sps.interlaced ? (PROFILES[sps.profileIdc] ?? 'other') : 'other';
    return { profile, reorders: (sps.maxNumReorderFrames ?? 0) > 0 };
  } catch (error) {
    if (!(error instanceof BarrageError)) throw error;
    return { profile: 'other', reorders: true };
  }
}

const AAC_LC = 2;

function toLadderAudio({ codec, config, sampleRate, channels }: AudioTrack): LadderAudio {
  if (codec === 'opus') return { codec, sampleRate, channels };
  return { codec: isPlainAac(config) ? 'aac' : 'aac-other', sampleRate, channels };
}

function isPlainAac(config: Buffer): boolean {
  try {
    const parsed = parseAudioSpecificConfig(config);
    return parsed.objectType === AAC_LC && parsed.extension === 'none';
  } catch (error) {
    if (!(error instanceof BarrageError)) throw error;
    return false;
  }
}
