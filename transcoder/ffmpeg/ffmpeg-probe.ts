// Finds out what the ffmpeg at hand can do, and what a missing part costs. Runs it, encodes nothing.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BarrageError } from '../../core/errors.ts';
import { warmUpFfmpeg } from './ffmpeg-process.ts';

const run = promisify(execFile);

/** A part this ffmpeg lacks. `costs` completes the sentence "without it, ...". */
export interface MissingPart {
  readonly kind: 'encoder' | 'decoder';
  readonly name: string;
  readonly costs: string;
}

/** An ffmpeg that runs. */
export interface FfmpegInfo {
  readonly path: string;
  /** As it calls itself, for example `5.1.9-0+deb12u1`. */
  readonly version: string;
  /** 0 for a build from a development branch. */
  readonly major: number;
  readonly encoders: readonly string[];
  readonly decoders: readonly string[];
  readonly missing: readonly MissingPart[];
}

/** Options of {@link probeFfmpeg}. */
export interface FfmpegProbeOptions {
  /** A path or a name on PATH (default `ffmpeg`). */
  readonly path?: string;
  readonly timeoutMs?: number;
}

interface WantedPart {
  readonly kind: MissingPart['kind'];
  /** Any of these will do; the first names the part. */
  readonly names: readonly string[];
  readonly costs: string;
}

const WANTED: readonly WantedPart[] = [
  {
    kind: 'encoder',
    names: ['libx264'],
    costs: 'no ladder is encoded, only sources fit for passthrough play',
  },
  { kind: 'encoder', names: ['libopus'], costs: 'WebRTC viewers of an AAC source hear nothing' },
  { kind: 'encoder', names: ['aac'], costs: 'HLS viewers of an Opus source hear nothing' },
  { kind: 'encoder', names: ['libsvtav1'], costs: 'there is no AV1 ladder' },
  { kind: 'decoder', names: ['h264'], costs: 'H.264 sources get no ladder' },
  { kind: 'decoder', names: ['hevc'], costs: 'HEVC sources are refused' },
  { kind: 'decoder', names: ['libdav1d', 'libaom-av1'], costs: 'AV1 sources are refused' },
  { kind: 'decoder', names: ['opus', 'libopus'], costs: 'HLS viewers of an Opus source hear nothing' },
  { kind: 'decoder', names: ['aac'], costs: 'WebRTC viewers of an AAC source hear nothing' },
];

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * Asks an ffmpeg for its version, encoders and decoders.
 * @throws BarrageError `UNAVAILABLE` when it cannot be run, with the command that installs it.
 */
export async function probeFfmpeg(options: FfmpegProbeOptions = {}): Promise<FfmpegInfo> {
  const path = options.path ?? 'ffmpeg';
  const timeout = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const ask = async (flag: string): Promise<string> => {
    const limits = { timeout, maxBuffer: MAX_OUTPUT_BYTES };
    return (await run(path, ['-hide_banner', flag], limits)).stdout;
  };
  try {
    const [banner, encoderList, decoderList] = await Promise.all([
      ask('-version'),
      ask('-encoders'),
      ask('-decoders'),
    ]);
    await warmUpFfmpeg(path);
    const version = /^ffmpeg version (\S+)/m.exec(banner)?.[1] ?? 'unknown';
    const [encoders, decoders] = [parseCodecList(encoderList), parseCodecList(decoderList)];
    const major = Number(/^n?(\d+)\./.exec(version)?.[1] ?? 0);
    return { path, version, major, encoders, decoders, missing: findMissing({ encoders, decoders }) };
  } catch (error) {
    throw new BarrageError('UNAVAILABLE', explain(path, error), { cause: error });
  }
}

/** Names in the output of `ffmpeg -encoders` or `-decoders`. */
export function parseCodecList(output: string): string[] {
  const names: string[] = [];
  const body = output.slice(output.indexOf('------'));
  for (const [, name] of body.matchAll(/^ [VAS][F.][S.][X.][B.][D.] (\S+)/gm)) names.push(name as string);
  return names;
}

/** The parts that are wanted and not there. */
export function findMissing(have: Pick<FfmpegInfo, 'encoders' | 'decoders'>): MissingPart[] {
  return WANTED.filter(({ kind, names }) => {
    const list = kind === 'encoder' ? have.encoders : have.decoders;
    return !names.some((name) => list.includes(name));
  }).map(({ kind, names, costs }) => ({ kind, name: names[0] as string, costs }));
}

function explain(path: string, error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  const what = code === 'ENOENT' ? `there is no ffmpeg at "${path}"` : `ffmpeg at "${path}" does not run`;
  return `${what}; install it with: apt-get install ffmpeg, or set transcoder.ffmpegPath`;
}
