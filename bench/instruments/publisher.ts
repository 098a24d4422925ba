// A publisher as OBS is one: the clock picture and its sound through x264 and AAC, pushed over RTMP by a
// real ffmpeg. Presets say how the encoder is set; everything measured later starts here.
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { FlvTap } from './flv-tap.ts';
import { TestSource } from './test-source.ts';

/** `obs`: x264 high, veryfast, B-frames, GOP 250. `low-latency`: zerolatency, GOP 1 s, no B-frames. */
export type PublisherPreset = 'obs' | 'low-latency';

export interface PublisherOptions {
  /** Full RTMP URL with the stream key. */
  readonly url: string;
  readonly preset?: PublisherPreset;
  /** Coded size, default 1280x720. */
  readonly width?: number;
  readonly height?: number;
  /** Default 30. */
  readonly fps?: number;
  /** Default 2500, OBS's own. */
  readonly bitrateKbps?: number;
  /** Default 48000. */
  readonly sampleRate?: number;
  /** Copies the encoder's output back, for {@link Publisher.encodedAtMs}. Default false. */
  readonly tapEncoder?: boolean;
}

export interface PublisherEvents {
  /** The ffmpeg ended by itself or was ended; fires once. */
  exit: [end: { readonly code: number | null; readonly signal: NodeJS.Signals | null }];
  /** The first coded picture left the encoder (with `tapEncoder`). */
  encoding: [];
}

const STDERR_TAIL_CHARS = 8_000;
const REMEMBERED_PICTURES = 3_000;
const STOP_DEADLINE_MS = 5_000;

/** A running publisher. `stop` ends the stream properly, `kill` as a crash would. */
export class Publisher extends EventEmitter<PublisherEvents> {
  readonly options: PublisherOptions;
  readonly #child: ChildProcess;
  readonly #source: TestSource;
  readonly #encodedAt = new Map<number, number>();
  #stderr = '';
  #exited = false;

  constructor(options: PublisherOptions) {
    super();
    this.options = options;
    const stdout = options.tapEncoder ? 'pipe' : 'ignore';
    this.#child = spawn('ffmpeg', publisherArguments(options), { stdio: ['pipe', stdout, 'pipe'] });
    const { stdin, stderr } = this.#child;
    if (!stdin || !stderr) throw new Error('ffmpeg was started without its pipes');
    // EPIPE when ffmpeg is gone: its exit says so already.
    stdin.on('error', () => undefined);
    stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_TAIL_CHARS);
    });
    this.#child.once('error', (error) => this.#onEnd(null, null, error.message));
    this.#child.once('close', (code, signal) => this.#onEnd(code, signal));
    this.#source = new TestSource(stdin, sourceOptions(options));
    this.#tapEncoder();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return !this.#exited;
  }

  /** The end of what ffmpeg said. */
  get stderrTail(): string {
    return this.#stderr;
  }

  /** Pictures the source left out; a busy machine shows here first. */
  get skippedPictures(): number {
    return this.#source.skipped;
  }

  /** When (Unix ms) the picture showing `clockMs` left the encoder; undefined when not known. */
  encodedAtMs(clockMs: number): number | undefined {
    return this.#encodedAt.get(clockMs);
  }

  /** Ends the stream and waits for ffmpeg to go; kills it when it does not. */
  async stop(): Promise<void> {
    this.#source.stop();
    if (this.#exited) return;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await once(this, 'exit');
    clearTimeout(timer);
  }

  /** SIGKILL, as a crash: the TCP connection just ends. */
  async kill(): Promise<void> {
    this.#source.stop();
    if (this.#exited) return;
    this.#child.kill('SIGKILL');
    await once(this, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #onEnd(code: number | null, signal: NodeJS.Signals | null, message = ''): void {
    if (this.#exited) return;
    this.#exited = true;
    this.#stderr += message;
    this.#source.stop();
    this.emit('exit', { code, signal });
  }

  #tapEncoder(): void {
    const tap = new FlvTap((ptsMs) => {
      const clockMs = this.#source.clockOfTick(Math.round((ptsMs * this.#source.fps) / 1000));
      if (clockMs === undefined) return;
      this.#encodedAt.set(clockMs, Date.now());
      if (this.#encodedAt.size === 1) this.emit('encoding');
      if (this.#encodedAt.size <= REMEMBERED_PICTURES) return;
      const oldest = this.#encodedAt.keys().next();
      if (!oldest.done) this.#encodedAt.delete(oldest.value);
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => tap.push(chunk));
  }
}

function sourceOptions(options: PublisherOptions) {
  return { fps: options.fps ?? 30, sampleRate: options.sampleRate ?? 48_000 };
}

/** Encoder settings of each preset; pure, for reports and tests. */
export function encoderArguments(preset: PublisherPreset, fps: number): string[] {
  switch (preset) {
    case 'obs':
      // OBS 30, x264: veryfast, CBR, key frame interval "auto" (x264's 250), profile high.
      return ['-preset', 'veryfast', '-profile:v', 'high', '-g', '250', '-bf', '3'];
    case 'low-latency':
      return [
        '-preset',
        'veryfast',
        '-profile:v',
        'high',
        '-tune',
        'zerolatency',
        '-g',
        String(fps),
        '-bf',
        '0',
      ];
  }
}

function publisherArguments(options: PublisherOptions): string[] {
  const fps = options.fps ?? 30;
  const bitrate = `${options.bitrateKbps ?? 2500}k`;
  const size = `${options.width ?? 1280}:${options.height ?? 720}`;
  return [
    ...['-hide_banner', '-loglevel', 'warning', '-nostdin', '-fflags', 'nobuffer'],
    ...['-probesize', '200000', '-analyzeduration', '0', '-f', 'matroska', '-i', 'pipe:0'],
    ...['-map', '0:v', '-map', '0:a', '-fps_mode', 'passthrough'],
    ...['-vf', `scale=${size}:flags=fast_bilinear`, '-pix_fmt', 'yuv420p', '-c:v', 'libx264'],
    ...encoderArguments(options.preset ?? 'obs', fps),
    ...['-b:v', bitrate, '-minrate', bitrate, '-maxrate', bitrate, '-bufsize', bitrate],
    ...['-c:a', 'aac', '-b:a', '160k', '-ar', String(options.sampleRate ?? 48_000)],
    ...outputArguments(options),
  ];
}

function outputArguments(options: PublisherOptions): string[] {
  if (!options.tapEncoder) return ['-f', 'flv', options.url];
  const escaped = options.url.replace(/[\\:'|[\]]/g, (character) => `\\${character}`);
  return [
    '-flags',
    '+global_header',
    '-flush_packets',
    '1',
    '-f',
    'tee',
    `[f=flv]pipe\\:1|[f=flv]${escaped}`,
  ];
}
