// One encoding of a raw clip: its real bit rate, the CPU it took, and how near the result is to the original.
import { execFile } from 'node:child_process';
import { rm, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { RatePoint } from './bd-rate.ts';

const run = promisify(execFile);

/** How nearness is told: VMAF (0 to 100), or SSIM of all planes in dB, -10 log10(1 - SSIM). */
export interface QualityMetric {
  readonly name: 'VMAF' | 'SSIM';
  readonly unit: '' | 'dB';
  readonly filter: string;
  readonly pattern: RegExp;
}

const VMAF: QualityMetric = { name: 'VMAF', unit: '', filter: 'libvmaf', pattern: /VMAF score: ([\d.]+)/ };
const SSIM: QualityMetric = { name: 'SSIM', unit: 'dB', filter: 'ssim', pattern: /All:[\d.]+ \(([\d.]+)\)/ };

/** What this ffmpeg can do. */
export interface FfmpegAbilities {
  /** VMAF where the ffmpeg has libvmaf, else SSIM. */
  readonly metric: QualityMetric;
  readonly encoders: ReadonlySet<string>;
}

/** Asks ffmpeg for its filters and encoders. */
export async function probeAbilities(): Promise<FfmpegAbilities> {
  const [filters, encoders] = await Promise.all(
    ['-filters', '-encoders'].map(async (list) => (await run('ffmpeg', ['-hide_banner', list])).stdout),
  );
  const names = [...(encoders ?? '').matchAll(/^ [VAS]\S{5} (\S+)/gm)].map((match) => match[1] ?? '');
  return { metric: / libvmaf /.test(filters ?? '') ? VMAF : SSIM, encoders: new Set(names) };
}

export interface TrialRequest {
  /** The raw clip. */
  readonly clip: string;
  readonly seconds: number;
  /** Output options of the encoder. */
  readonly encoder: readonly string[];
  readonly metric: QualityMetric;
  /** Where the encoded clip goes; it is removed afterwards. */
  readonly file: string;
  readonly signal: AbortSignal;
}

/** What came of it; `kbps` is what was really used. */
export interface Trial extends RatePoint {
  /** User and system time of the encoding ffmpeg, with reading the raw clip. */
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

/** Encodes and compares. @throws Error with ffmpeg's words when it fails. */
export async function tryEncoding(request: TrialRequest): Promise<Trial> {
  const { clip, seconds, encoder, metric, file, signal } = request;
  try {
    const encode = ['-hide_banner', '-benchmark', '-y', '-i', clip, ...encoder, '-f', 'nut', file];
    const { stderr } = await run('ffmpeg', encode, { signal });
    const { size } = await stat(file);
    const compare = ['-hide_banner', '-i', file, '-i', clip, '-lavfi', `[0:v][1:v]${metric.filter}`];
    const compared = await run('ffmpeg', [...compare, '-f', 'null', '-'], { signal });
    const quality = Number(metric.pattern.exec(compared.stderr)?.[1]);
    if (!Number.isFinite(quality)) throw new Error(`ffmpeg told no ${metric.name} of ${file}`);
    return { kbps: (size * 8) / 1000 / seconds, quality, ...parseBenchmark(stderr) };
  } finally {
    await rm(file, { force: true });
  }
}

/** ffmpeg's `-benchmark` line; NaN when there is none. */
export function parseBenchmark(stderr: string): Pick<Trial, 'cpuSeconds' | 'wallSeconds'> {
  const [, user, system, wall] =
    /bench: utime=([\d.]+)s stime=([\d.]+)s rtime=([\d.]+)s/.exec(stderr)?.map(Number) ?? [];
  const unknown = Number.NaN;
  return { cpuSeconds: (user ?? unknown) + (system ?? unknown), wallSeconds: wall ?? unknown };
}
