// One ffmpeg child process. The only file that imports fluent-ffmpeg; it decides nothing about arguments.
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';
import type { FfmpegArguments } from './ffmpeg-arguments.ts';

/** Options of {@link startFfmpeg}. */
export interface FfmpegProcessOptions {
  readonly path: string;
  readonly arguments: FfmpegArguments;
  /** Goes to stdin; its end is the end of ffmpeg. */
  readonly input: Readable;
  readonly onStarted: (pid: number) => void;
  readonly onStderr: (line: string) => void;
  /** Once and last; undefined when it ended by itself without an error. */
  readonly onExited: (error: Error | undefined) => void;
}

/** A handle on the process, valid before it was spawned and after it has ended. */
export interface FfmpegProcess {
  /** Sends a signal; a process that is not spawned yet is killed as soon as it is. */
  kill(signal: NodeJS.Signals): void;
}

const KEPT_LINES = 50;

/**
 * Has fluent-ffmpeg ask an ffmpeg for its formats and encoders, as it does before its first command, so that
 * the first stream does not wait for that. What it fails with comes again when ffmpeg is started.
 */
export async function warmUpFfmpeg(path: string): Promise<void> {
  const command = ffmpeg().setFfmpegPath(path);
  await new Promise<void>((resolve) => command.getAvailableEncoders(() => resolve()));
  await new Promise<void>((resolve) => command.getAvailableFormats(() => resolve()));
}

/** Spawns ffmpeg. It never throws: what goes wrong comes through `onExited`. */
export function startFfmpeg(options: FfmpegProcessOptions): FfmpegProcess {
  let child: ChildProcess | undefined;
  let state: 'waiting' | 'running' | 'unwanted' | 'exited' = 'waiting';
  const finish = (error: Error | undefined): void => {
    if (state === 'exited') return;
    state = 'exited';
    options.onExited(error);
  };
  const command = buildCommand(options);
  command.on('start', () => {
    child = childOf(command);
    // fluent-ffmpeg 2.1.3 throws a TypeError out of its own listener when spawning fails.
    child?.removeAllListeners('error').on('error', finish);
    if (state === 'unwanted') child?.kill('SIGKILL');
    else state = 'running';
    if (child?.pid !== undefined) options.onStarted(child.pid);
  });
  command.on('stderr', options.onStderr);
  command.on('error', (error: Error) => finish(error));
  command.on('end', () => finish(undefined));
  command.run();
  return {
    kill: (signal) => {
      if (state === 'waiting') state = 'unwanted';
      else if (state === 'running') child?.kill(signal);
    },
  };
}

function buildCommand({ path, arguments: args, input }: FfmpegProcessOptions): ffmpeg.FfmpegCommand {
  const command = ffmpeg({ source: input, stdoutLines: KEPT_LINES }).setFfmpegPath(path);
  // Spread, not an array: fluent-ffmpeg splits the elements of an array at a blank.
  command.inputOptions(...args.inputOptions);
  if (args.complexFilter !== undefined) command.complexFilter(args.complexFilter);
  for (const output of args.outputs) command.output(output.target).outputOptions(...output.options);
  return command;
}

function childOf(command: ffmpeg.FfmpegCommand): ChildProcess | undefined {
  return (command as unknown as { readonly ffmpegProc?: ChildProcess }).ffmpegProc;
}
