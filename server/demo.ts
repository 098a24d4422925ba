// The demo publisher: an ffmpeg that pushes a moving test picture with a clock and a tone over RTMP, as OBS would.
// It is started again when it dies, and ends with the server.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Closable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';

const RESTART_MIN_MS = 500;
const RESTART_MAX_MS = 10_000;

/** A run this long counts as success: the next restart waits the shortest time again. */
const STEADY_MS = 10_000;

/** Time ffmpeg has to end by itself before it is killed, ms. */
const END_TIMEOUT_MS = 2000;

const MAX_STDERR_CHARS = 2000;

export interface DemoOptions {
  readonly ffmpegPath: string;
  readonly rtmpServer: string;
  /** Secret: not logged. */
  readonly streamKey: string;
  readonly logger: Logger;
}

/**
 * Arguments of the demo's ffmpeg: 720p30 without B-frames and a key frame a second, so that it can be passed
 * through without encoding it again. `clock` wants ffmpeg's drawtext and a font.
 */
export function demoArguments(target: string, options: { readonly clock: boolean }): string[] {
  const text = String.raw`drawtext=text='%{localtime\:%X}':fontsize=72:fontcolor=white:box=1:boxcolor=black@0.6:boxborderw=16:x=(w-tw)/2:y=h-th-60`;
  const picture = `testsrc2=size=1280x720:rate=30${options.clock ? `,${text}` : ''}`;
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-re'],
    ...['-f', 'lavfi', '-i', picture],
    ...['-f', 'lavfi', '-i', 'sine=frequency=330:beep_factor=4:sample_rate=48000'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'main'],
    ...['-pix_fmt', 'yuv420p', '-g', '30', '-keyint_min', '30', '-sc_threshold', '0'],
    ...['-b:v', '2000k', '-maxrate', '2000k', '-bufsize', '2000k'],
    ...['-af', 'volume=0.2', '-c:a', 'aac', '-b:a', '128k', '-ac', '2'],
    ...['-f', 'flv', target],
  ];
}

/** Publishes the test picture until closed. */
export class DemoPublisher implements Closable {
  readonly #options: DemoOptions;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = RESTART_MIN_MS;
  #clock = true;
  #state: 'running' | 'draining' | 'closed' = 'running';

  constructor(options: DemoOptions) {
    this.#options = options;
    this.#start();
  }

  /** Lets the ffmpeg there is go on, but starts no other: Ctrl+C in a terminal reaches it as well as us. */
  drain(): void {
    this.#state = 'draining';
    clearTimeout(this.#timer);
  }

  /** Ends ffmpeg; resolves when it is gone. */
  async close(_reason: string): Promise<void> {
    this.#state = 'closed';
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once('close', () => resolve());
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
    await promise;
    clearTimeout(timer);
  }

  #start(): void {
    const { ffmpegPath, rtmpServer, streamKey, logger } = this.#options;
    const startedAt = performance.now();
    const args = demoArguments(`${rtmpServer}/${streamKey}`, { clock: this.#clock });
    const child = spawn(ffmpegPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-MAX_STDERR_CHARS);
    });
    child.once('error', (error) => {
      stderr += error.message;
    });
    child.once('close', (code) => {
      if (this.#state !== 'running') return;
      const said = stderr.replaceAll(streamKey, '***').trim();
      logger.warn({ code, said }, 'demo publisher ended; it starts again');
      this.#restart({ ranMs: performance.now() - startedAt, said });
    });
    logger.info({ clock: this.#clock }, 'demo publisher started');
  }

  #restart(ended: { readonly ranMs: number; readonly said: string }): void {
    // Builds of ffmpeg without drawtext, and machines without a font, get the picture without its clock.
    if (/drawtext|font/i.test(ended.said)) this.#clock = false;
    this.#waitMs = ended.ranMs > STEADY_MS ? RESTART_MIN_MS : Math.min(this.#waitMs * 2, RESTART_MAX_MS);
    this.#timer = setTimeout(() => this.#start(), this.#waitMs);
  }
}
