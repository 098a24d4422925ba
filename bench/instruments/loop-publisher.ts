// Publishes a clip in a loop, in real time and unencoded, and notes when each picture leaves. What it costs is
// next to nothing, so that many publishers fit beside the server. The encoding publisher is publisher.ts.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { monotonicUs } from './fanout/monotonic.ts';
import { FlvTap } from './flv-tap.ts';
import { PictureDepartures } from './rtp/picture-departures.ts';
import { markOfUnits } from './rtp/picture-mark.ts';

const STDERR_TAIL_CHARS = 2_000;

/** Where it publishes to. */
export type LoopOutput =
  | { readonly kind: 'rtmp'; readonly url: string }
  /** Plain RTP (RFC 6184), parameter sets before each key frame, packets of at most 1200 bytes. */
  | { readonly kind: 'rtp'; readonly host: string; readonly port: number };

/** A running publisher. Whoever made it disposes of it. */
export class LoopPublisher {
  /** When pictures left: read from a second output that ffmpeg writes just before the first. */
  readonly departures = new PictureDepartures();
  readonly #child: ChildProcess;
  #stderr = '';

  constructor(clip: string, output: LoopOutput) {
    this.#child = spawn('ffmpeg', publisherArguments(clip, output), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.once('error', (error) => {
      this.#stderr += error.message;
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_TAIL_CHARS);
    });
    const tap = new FlvTap((_ptsMs, units) => {
      const mark = markOfUnits(units);
      if (mark !== undefined) this.departures.note(mark, monotonicUs());
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => tap.push(chunk));
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  /** The end of what ffmpeg said. */
  get stderrTail(): string {
    return this.#stderr;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.running) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

// Two outputs, not one tee: that would connect only when the input's pace is running already, and start late.
function publisherArguments(clip: string, output: LoopOutput): string[] {
  // The tag of H.264 in FLV: MPEG-TS hands on one of its own.
  const copy = ['-map', '0:v', '-c', 'copy', '-tag:v', '7', '-flush_packets', '1'];
  return [
    ...['-v', 'warning', '-nostdin', '-re', '-stream_loop', '-1', '-i', clip],
    ...[...copy, '-f', 'flv', 'pipe:1'],
    ...[...copy, ...outputArguments(output)],
  ];
}

function outputArguments(output: LoopOutput): string[] {
  if (output.kind === 'rtmp') return ['-f', 'flv', output.url];
  return ['-f', 'rtp', '-payload_type', '96', `rtp://${output.host}:${output.port}?pkt_size=1200`];
}
