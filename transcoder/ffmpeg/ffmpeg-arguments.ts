// The ffmpeg command line of a ladder: one input on stdin, one NUT output a rendition. Pure: it starts
// nothing and opens nothing.
import type { LadderPlan, PlannedRung } from '../ladder/ladder-plan.ts';

/** One output: the rendition's id, where it goes, and the options in front of the target. */
export interface FfmpegOutput {
  readonly id: string;
  readonly kind: 'video' | 'audio';
  readonly target: string;
  readonly options: readonly string[];
  /** For the track, which does not say it itself; 0 when it does not apply. */
  readonly frameRate: number;
  readonly bitrateKbps: number;
}

/** A whole command line, in the order ffmpeg wants it. */
export interface FfmpegArguments {
  readonly inputOptions: readonly string[];
  /** Undefined when no picture is encoded. */
  readonly complexFilter: string | undefined;
  readonly outputs: readonly FfmpegOutput[];
}

/** Options of {@link buildFfmpegArguments}. */
export interface FfmpegArgumentsOptions {
  readonly plan: LadderPlan;
  /** Where a rendition's bytes are wanted, for example `unix:/run/x/720p`. */
  readonly targetOf: (id: string) => string;
  /** Pictures before this time of the input are decoded but not encoded, in microseconds. */
  readonly skipBeforeUs?: number;
}

/** Microseconds: what the input is written in, so that times come back as they went in. */
const ENCODER_TIME_BASE = '1:1000000';
/** No key frame by count within any sensible GOP; key frames are asked for by time. */
const UNREACHED_GOP = 600;
/** First frame, then each frame that is the first of its second. `prev_forced_t` starts as NaN. */
const KEY_FRAME_EACH_SECOND = 'expr:if(isnan(prev_forced_t),1,gt(floor(t),floor(prev_forced_t)))';
/** Frames may come this much early and still count as one frame interval apart, in seconds. */
const THINNING_SLACK_S = 0.003;

// Absolute times in, the same times out: nothing may shift them to zero.
const KEEP_TIMES = ['-copyts', '-avoid_negative_ts', 'disabled'];
// A packet leaves as soon as it is encoded. NUT writes it at once; MP4 would wait for the next.
const NUT_OUTPUT = [...KEEP_TIMES, '-flush_packets', '1', '-f', 'nut'];

/** The command line for a plan. A plan without anything to encode has no outputs. */
export function buildFfmpegArguments(options: FfmpegArgumentsOptions): FfmpegArguments {
  const { plan } = options;
  return {
    inputOptions: buildInputOptions(),
    complexFilter: plan.rungs.length > 0 ? buildFilter(options) : undefined,
    outputs: [...plan.rungs.map((rung) => buildVideoOutput(rung, options)), ...buildAudioOutputs(options)],
  };
}

function buildInputOptions(): string[] {
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'warning'],
    '-copyts',
    // The moov says all there is to know; reading ahead would only cost time. `-fflags nobuffer` must not
    // be set: ffmpeg 5.1 then throws away what it probed, which is the first key frame.
    ...['-probesize', '32', '-analyzeduration', '0', '-fpsprobesize', '0'],
    // Frame threads would hold back a frame for each thread.
    ...['-thread_type', 'slice'],
    ...['-f', 'mp4'],
  ];
}

function buildFilter({ plan, skipBeforeUs }: FfmpegArgumentsOptions): string {
  const trim = skipBeforeUs === undefined ? '' : `trim=start=${(skipBeforeUs / 1e6).toFixed(6)},`;
  const labels = plan.rungs.map((_, index) => `[s${index}]`).join('');
  const branches = plan.rungs.map((rung, index) => {
    const thinning = rung.isThinned ? `${buildThinning(rung.frameRate)},` : '';
    const scale = `scale=${rung.width}:${rung.height}:flags=bilinear`;
    return `[s${index}]${thinning}${scale},format=yuv420p[v${index}]`;
  });
  return [`[0:v]${trim}split=${plan.rungs.length}${labels}`, ...branches].join(';');
}

// The frames that other rungs make key frames of are always kept, so that the rungs stay aligned.
function buildThinning(frameRate: number): string {
  const interval = (1 / frameRate - THINNING_SLACK_S).toFixed(6);
  const isFirstOfSecond = 'gt(floor(t),floor(prev_selected_t))';
  return `select='isnan(prev_selected_t)+key+${isFirstOfSecond}+gte(t-prev_selected_t,${interval})'`;
}

function buildVideoOutput(rung: PlannedRung, { plan, targetOf }: FfmpegArgumentsOptions): FfmpegOutput {
  const rate = `${rung.videoKbps}k`;
  const options = [
    ...['-map', `[v${plan.rungs.indexOf(rung)}]`],
    ...['-c:v', 'libx264', '-preset', plan.preset, '-tune', 'zerolatency', '-profile:v', 'high'],
    ...['-bf', '0', '-sc_threshold', '0', '-g', String(UNREACHED_GOP), '-forced-idr', '1'],
    ...['-force_key_frames', plan.keyFrames === 'source' ? 'source' : KEY_FRAME_EACH_SECOND],
    ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate],
    ...['-threads', String(plan.encoderThreads)],
    // Rate control counts in frames of this length; the time base alone would make it 1 microsecond.
    ...['-x264-params', `fps=${toFraction(rung.frameRate)}`],
    ...['-fps_mode', 'passthrough', '-enc_time_base', ENCODER_TIME_BASE],
    ...NUT_OUTPUT,
  ];
  const { id, frameRate, videoKbps: bitrateKbps } = rung;
  return { id, kind: 'video', target: targetOf(id), options, frameRate, bitrateKbps };
}

function toFraction(frameRate: number): string {
  return `${Math.round(frameRate * 1000)}/1000`;
}

const ENCODERS = {
  opus: ['-c:a', 'libopus', '-application', 'audio', '-frame_duration', '20'],
  aac: ['-c:a', 'aac'],
} as const;
// Millisecond time stamps of RTMP jitter by a sample or so; small errors are smoothed by stretching, so that
// packets follow each other without overlap, and real gaps (> 100 ms) are filled with silence.
const SMOOTH_AUDIO = 'aresample=48000:async=1000:min_comp=0.02:min_hard_comp=0.1';

function buildAudioOutputs({ plan, targetOf }: FfmpegArgumentsOptions): FfmpegOutput[] {
  return (['opus', 'aac'] as const).flatMap((id) => {
    const sound = plan.audio[id];
    if (sound.kind !== 'encode') return [];
    const options = [
      ...['-map', '0:a:0', ...ENCODERS[id], '-b:a', `${sound.kbps}k`, '-ar', '48000', '-ac', '2'],
      ...['-af', SMOOTH_AUDIO, ...NUT_OUTPUT],
    ];
    return [
      { id, kind: 'audio', target: targetOf(id), options, frameRate: 0, bitrateKbps: sound.kbps },
    ] as const;
  });
}
