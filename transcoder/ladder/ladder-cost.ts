// What a ladder costs, in core seconds per second of media. Pure; the constants were measured.
import type { VideoCodec } from '../../core/access-unit.ts';
import type { LadderVideo } from './ladder-source.ts';

/** x264 presets, quickest first. */
export type X264Preset = 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium';

// User and system time of ffmpeg 5.1 with x264 veryfast zerolatency, one thread, 1080p30 noise and test
// pattern at the default bit rates, on one core of a 2-core cloud machine of 2026 (H.264: 1080p 16 ms a
// frame, 720p 10 ms, 480p 5.5 ms, 360p 3.3 ms), rounded up.
const DECODE_SECONDS_PER_PIXEL = 2.3e-9;
const SCALE_SECONDS_PER_PIXEL = 1.2e-9;
const ENCODE_SECONDS_PER_PIXEL = 11e-9;
const ENCODE_SECONDS_PER_FRAME = 1e-3;
const DECODE_FACTOR: Readonly<Record<VideoCodec, number>> = {
  h264: 1,
  hevc: 1.8,
  av1: 1.8,
  vp8: 1,
  vp9: 1.4,
};
const PRESET_FACTOR: Readonly<Record<X264Preset, number>> = {
  ultrafast: 0.45,
  superfast: 0.7,
  veryfast: 1,
  faster: 1.7,
  fast: 2.2,
  medium: 2.8,
};
const FALLBACK_FRAME_RATE = 30;

/** Cost of one Opus and of one AAC encoder. */
export const OPUS_COST = 0.02;
export const AAC_COST = 0.04;

/** The source's frame rate, or what is assumed while it is not known. */
export function plannedFrameRate(video: LadderVideo): number {
  return video.frameRate > 0 ? video.frameRate : FALLBACK_FRAME_RATE;
}

/** Cost of decoding the source once. */
export function decodeCost(video: LadderVideo): number {
  const pixels = video.width * video.height * plannedFrameRate(video);
  return pixels * DECODE_SECONDS_PER_PIXEL * DECODE_FACTOR[video.codec];
}

/** A picture to be encoded. */
export interface EncodeLoad {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly preset: X264Preset;
}

/** Cost of scaling the source to one rung, when the sizes differ, and encoding it. */
export function encodeCost(video: LadderVideo, load: EncodeLoad): number {
  const pixels = load.width * load.height;
  const isScaled = load.width !== video.width || load.height !== video.height;
  const scaling = isScaled ? video.width * video.height * SCALE_SECONDS_PER_PIXEL : 0;
  const encoding =
    (pixels * ENCODE_SECONDS_PER_PIXEL + ENCODE_SECONDS_PER_FRAME) * PRESET_FACTOR[load.preset];
  return (scaling + encoding) * load.frameRate;
}
