// The streams that RTMP load is made of: encoded once by ffmpeg, kept in the system's temporary folder, and
// replayed from there. The picture moves and has grain, so that the bit rate is really used.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `passthrough`: no B-frames, a key frame each second. `obs`: OBS's defaults, B-frames and a GOP of 250. */
export type ClipKind = 'passthrough' | 'obs';

/** How a clip is made; pictures are 30 a second. */
export interface ClipOptions {
  readonly kind: ClipKind;
  readonly width: number;
  readonly height: number;
  readonly videoKbps: number;
  /** AAC 160 kbit/s, 48 kHz stereo; or none. */
  readonly sound: boolean;
}

/** A clip in a file. */
export interface ClipFile {
  readonly file: string;
  readonly durationMs: number;
}

/** 720p30 at 2.5 Mbit/s with sound: what OBS sends by default. */
export const DEFAULT_CLIP = { width: 1280, height: 720, videoKbps: 2500, sound: true } as const;

/** 480 pictures and 750 AAC frames: a loop without a seam in either. */
export const CLIP_SECONDS = 16;
const KINDS: Readonly<Record<ClipKind, readonly string[]>> = {
  passthrough: ['-g', '30', '-keyint_min', '30', '-bf', '0', '-sc_threshold', '0'],
  obs: ['-g', '250', '-bf', '3'],
};

/** The file of a clip; encoded when it is not there yet, which takes some seconds. */
export async function findOrMakeClip(options: ClipOptions, signal?: AbortSignal): Promise<ClipFile> {
  const args = clipArguments(options);
  const digest = createHash('sha256').update(args.join(' ')).digest('hex').slice(0, 12);
  const folder = path.join(tmpdir(), 'barrage-bench-clips');
  const file = path.join(folder, `${options.kind}-${options.height}p-${digest}.flv`);
  const clip = { file, durationMs: CLIP_SECONDS * 1000 };
  if (existsSync(file)) return clip;
  await mkdir(folder, { recursive: true });
  const partial = `${file}.${process.pid}`;
  try {
    await run('ffmpeg', [...args, partial], signal ? { signal } : {});
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  return clip;
}

/** The encoder's command line but for the file; pure. */
export function clipArguments({ kind, width, height, videoKbps, sound }: ClipOptions): string[] {
  const picture = `testsrc2=size=${width}x${height}:rate=30,noise=alls=6:allf=t:all_seed=1`;
  const rate = `${videoKbps}k`;
  const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  return [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', picture, ...(sound ? tone : [])],
    ...['-t', String(CLIP_SECONDS), '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high'],
    ...[...KINDS[kind], '-pix_fmt', 'yuv420p', '-b:v', rate, '-maxrate', rate, '-bufsize', rate],
    ...(sound ? ['-c:a', 'aac', '-b:a', '160k', '-ac', '2'] : []),
    ...['-flvflags', 'no_duration_filesize', '-f', 'flv'],
  ];
}
