// Encoders whose quality is compared, by name: the server's own H.264 settings at any x264 preset, and SVT-AV1
// at the presets that keep real time. Pure: names in, ffmpeg arguments out. A test holds the H.264 ones against
// what the transcoder makes.

/** What one encoding is to be. */
export interface EncodeSettings {
  readonly kbps: number;
  readonly fps: number;
}

const X264 = /^x264-(ultrafast|superfast|veryfast|faster|fast|medium)$/;
const SVT_AV1 = /^svtav1-(\d{1,2})(-lowdelay)?$/;
const SLOWEST_SVT_PRESET = 6;
const FASTEST_SVT_PRESET = 13;
/** A key frame on each second, as the transcoder asks for. */
const KEY_FRAME_EACH_SECOND = 'expr:if(isnan(prev_forced_t),1,gt(floor(t),floor(prev_forced_t)))';

/** What names look like, for messages. */
export const ENCODER_NAMES =
  'x264-PRESET (ultrafast to medium), svtav1-PRESET (6 to 13) or svtav1-PRESET-lowdelay';

/** ffmpeg's output options of an encoder; undefined when there is no such name. */
export function encoderArguments(name: string, settings: EncodeSettings): string[] | undefined {
  const preset = X264.exec(name)?.[1];
  if (preset !== undefined) return x264Arguments(preset, settings);
  const [, svtPreset, isLowDelay] = SVT_AV1.exec(name) ?? [];
  const number = Number(svtPreset);
  if (!(number >= SLOWEST_SVT_PRESET && number <= FASTEST_SVT_PRESET)) return undefined;
  return svtAv1Arguments(number, { ...settings, isLowDelay: isLowDelay !== undefined });
}

/** Name of ffmpeg's encoder behind a name of ours. */
export function ffmpegEncoder(name: string): 'libx264' | 'libsvtav1' {
  return name.startsWith('x264') ? 'libx264' : 'libsvtav1';
}

/** As the ladder's rungs: one thread, no B-frames, bounded rate, a key frame each second. */
function x264Arguments(preset: string, { kbps, fps }: EncodeSettings): string[] {
  const rate = `${kbps}k`;
  return [
    ...['-c:v', 'libx264', '-preset', preset, '-tune', 'zerolatency', '-profile:v', 'high'],
    ...['-bf', '0', '-sc_threshold', '0', '-g', '600', '-forced-idr', '1'],
    ...['-force_key_frames', KEY_FRAME_EACH_SECOND],
    ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate],
    ...['-threads', '1'],
    ...['-x264-params', `fps=${fps * 1000}/1000`],
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:1000000'],
  ];
}

/**
 * For HLS: average rate with reordered pictures, which holds back some of them; `lowdelay` keeps their order
 * and the rate constant. A key frame each second in both.
 */
function svtAv1Arguments(preset: number, settings: EncodeSettings & { isLowDelay: boolean }): string[] {
  const { kbps, fps, isLowDelay } = settings;
  return [
    ...['-c:v', 'libsvtav1', '-preset', String(preset), '-g', String(fps), '-b:v', `${kbps}k`],
    ...['-svtav1-params', isLowDelay ? 'rc=2:pred-struct=1' : 'rc=1'],
  ];
}
