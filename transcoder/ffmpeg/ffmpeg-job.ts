// One run of ffmpeg for one stream: units in, tracks and units of the renditions out. It does not restart
// itself and knows nothing of the stream.
import { EventEmitter } from 'node:events';
import type { AccessUnit, AudioTrack, Track, VideoTrack } from '../../core/access-unit.ts';
import { toBarrageError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { StdinMuxer } from '../cmaf/stdin-muxer.ts';
import type { LadderPlan } from '../ladder/ladder-plan.ts';
import { buildFfmpegArguments, type FfmpegOutput } from './ffmpeg-arguments.ts';
import { type FfmpegProcess, startFfmpeg } from './ffmpeg-process.ts';
import { LagWatch } from './lag-watch.ts';
import { NutReader } from './nut-reader.ts';
import { type OutputSockets, openOutputSockets } from './output-sockets.ts';
import { SpeedMeter } from './speed-meter.ts';
import { StallWatch } from './stall-watch.ts';
import { StdinQueue } from './stdin-queue.ts';

/** Options of {@link FfmpegJob}. */
export interface FfmpegJobOptions {
  readonly path: string;
  readonly plan: LadderPlan;
  readonly video: VideoTrack | undefined;
  readonly audio: AudioTrack | undefined;
  /** Decode time of the first unit that will be written, in microseconds of the media clock. */
  readonly startUs: number;
  /** Pictures before this media time are decoded but not encoded. */
  readonly skipBeforeUs?: number;
  readonly stallTimeoutMs: number;
  readonly logger: Logger;
}

/** Why a job ended; `stderr` holds ffmpeg's last lines. */
export interface JobEnd {
  readonly kind: 'exited' | 'stalled' | 'failed' | 'closed';
  readonly message: string;
  readonly stderr: readonly string[];
}

export interface FfmpegJobEvents {
  started: [pid: number];
  /** Before the first unit of that rendition. */
  track: [id: string, track: Track];
  unit: [id: string, unit: AccessUnit];
  /** ffmpeg is too slow: what comes out is so old, and so many units were dropped just now. */
  overrun: [overrun: { readonly lagMs: number; readonly dropped: number }];
  /** Once and last, when the process is gone. */
  ended: [end: JobEnd];
}

type JobState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'running'; readonly process: FfmpegProcess }
  | { readonly kind: 'ending' | 'ended'; readonly end: JobEnd };

/** NUT has no negative times; encoder delays reach back a few frames before the first unit. */
const LEAD_US = 10_000_000;
const STDERR_LINES = 20;
const WATCH_INTERVAL_MS = 250;
const KILL_AFTER_MS = 1_000;
const GIVE_UP_AFTER_MS = 3_000;
/** How long a unit may wait for ffmpeg to take it before pictures are dropped. */
const MAX_WAIT_MS = 1_500;
/** The same until ffmpeg has started and has decoded the group of pictures it was given. */
const START_WAIT_MS = 5_000;
/** Output within this time: ffmpeg is at work. */
const FLOWING_MS = 1_000;

/** A running ffmpeg. Units may be written from the start; they wait until it reads. */
export class FfmpegJob extends EventEmitter<FfmpegJobEvents> {
  readonly #options: FfmpegJobOptions;
  readonly #originUs: number;
  readonly #muxer: StdinMuxer;
  readonly #queue: StdinQueue;
  readonly #watch: StallWatch;
  readonly #lag = new LagWatch();
  readonly #speed = new SpeedMeter();
  readonly #stderr: string[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #ended = Promise.withResolvers<void>();
  #sockets: OutputSockets | undefined;
  #state: JobState = { kind: 'opening' };
  #pid: number | undefined;
  #outputAtMs: number | undefined;

  constructor(options: FfmpegJobOptions) {
    super();
    const { plan, video, audio } = options;
    this.#options = options;
    this.#originUs = options.startUs - LEAD_US;
    // A track nobody encodes is not even decoded.
    const hasVideo = video !== undefined && plan.rungs.length > 0;
    const hasAudio =
      audio !== undefined && [plan.audio.opus, plan.audio.aac].some((each) => each.kind === 'encode');
    this.#muxer = new StdinMuxer({
      ...(hasVideo ? { video } : {}),
      ...(hasAudio ? { audio } : {}),
      originUs: this.#originUs,
    });
    this.inputs = { video: hasVideo, audio: hasAudio };
    this.#queue = new StdinQueue({ head: this.#muxer.init() });
    this.#watch = new StallWatch(options.stallTimeoutMs);
    void this.#open().catch((error: unknown) => this.#handleOpenError(error));
  }

  /** Which kinds of unit it wants. */
  readonly inputs: Readonly<Record<Track['kind'], boolean>>;

  /** The kind whose times tell how far behind ffmpeg is. */
  get #leading(): Track['kind'] {
    return this.inputs.video ? 'video' : 'audio';
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** Units dropped because ffmpeg did not keep up. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** Media seconds per wall second of the last seconds. */
  get speed(): number {
    return this.#speed.speedAt(performance.now());
  }

  /** Writes a unit. `backlog` marks those from before the job began, which come all at once. */
  write(kind: Track['kind'], unit: AccessUnit, backlog: 'backlog' | 'live' = 'live'): void {
    if (!this.inputs[kind] || this.#state.kind === 'ending' || this.#state.kind === 'ended') return;
    const bytes = this.#muxer.write(kind, unit);
    if (bytes === undefined) return;
    const nowMs = performance.now();
    const dueMs =
      nowMs + (backlog === 'live' && this.#outputAtMs !== undefined ? MAX_WAIT_MS : START_WAIT_MS);
    if (backlog === 'live') this.#watch.handleInput(kind, nowMs);
    if (kind === this.#leading) this.#lag.handleInput(unit.dtsUs);
    const dropped = this.#queue.push({ kind, key: unit.key, bytes, dueMs }, nowMs);
    // With no output at all it is not slow, but stalled, which is found out elsewhere.
    const isFlowing = this.#outputAtMs !== undefined && nowMs - this.#outputAtMs < FLOWING_MS;
    if (dropped > 0 && isFlowing) this.emit('overrun', { lagMs: MAX_WAIT_MS, dropped });
  }

  /** Ends ffmpeg, by force when it does not go; resolves when it is gone. Idempotent. */
  async close(reason: string): Promise<void> {
    this.#end('closed', reason);
    await this.#ended.promise;
  }

  async #open(): Promise<void> {
    const ids = this.#outputs(() => '').map(({ id }) => id);
    const readers = new Map<string, NutReader>();
    const sockets = await openOutputSockets({
      ids,
      onData: (id, chunk) => this.#read(readers.get(id), chunk),
    });
    this.#sockets = sockets;
    if (this.#state.kind !== 'opening') return this.#finish();
    const args = buildFfmpegArguments({ ...this.#argumentOptions(), targetOf: sockets.targetOf });
    for (const output of args.outputs) readers.set(output.id, this.#createReader(output));
    const process = startFfmpeg({
      path: this.#options.path,
      arguments: args,
      input: this.#queue.readable,
      onStarted: (pid) => this.#handleStarted(pid),
      onStderr: (line) => this.#keepLine(line),
      onExited: (error) => this.#handleExit(error),
    });
    this.#state = { kind: 'running', process };
    this.#timers.add(setInterval(() => this.#findTrouble(), WATCH_INTERVAL_MS));
  }

  #handleOpenError(error: unknown): void {
    this.#end('failed', toBarrageError(error).message);
    void this.#finish();
  }

  #outputs(targetOf: (id: string) => string): readonly FfmpegOutput[] {
    return buildFfmpegArguments({ ...this.#argumentOptions(), targetOf }).outputs;
  }

  #argumentOptions(): { plan: LadderPlan; skipBeforeUs?: number } {
    const { plan, skipBeforeUs } = this.#options;
    return skipBeforeUs === undefined ? { plan } : { plan, skipBeforeUs: skipBeforeUs - this.#originUs };
  }

  #createReader({ id, kind, frameRate, bitrateKbps }: FfmpegOutput): NutReader {
    return new NutReader({
      frameRate,
      bitrateKbps,
      originUs: this.#originUs,
      onTrack: (track) => this.emit('track', id, track),
      onUnit: (unit) => {
        this.#watch.handleOutput(kind);
        if (kind === this.#leading) this.#lag.handleOutput(unit.ptsUs);
        this.#outputAtMs = performance.now();
        this.#speed.add(unit.ptsUs, this.#outputAtMs);
        this.emit('unit', id, unit);
      },
    });
  }

  #read(reader: NutReader | undefined, chunk: Buffer): void {
    if (this.#state.kind !== 'running') return;
    try {
      reader?.push(chunk);
    } catch (error) {
      this.#end('failed', `unreadable output: ${toBarrageError(error).message}`);
    }
  }

  #handleStarted(pid: number): void {
    this.#pid = pid;
    this.emit('started', pid);
  }

  #keepLine(line: string): void {
    if (line.trim() === '') return;
    this.#stderr.push(line);
    if (this.#stderr.length > STDERR_LINES) this.#stderr.shift();
    this.#options.logger.debug({ pid: this.#pid, line }, 'ffmpeg says');
  }

  #findTrouble(): void {
    const nowMs = performance.now();
    const stall = this.#watch.find(nowMs);
    const lagMs = this.#lag.find(nowMs);
    if (stall) this.#end('stalled', `no ${stall.kind} came out for ${Math.round(stall.forMs)} ms`);
    else if (lagMs !== undefined) this.emit('overrun', { lagMs, dropped: 0 });
  }

  #handleExit(error: Error | undefined): void {
    if (this.#state.kind === 'running') {
      const end = this.#describeEnd('exited', error?.message ?? 'ffmpeg ended by itself');
      this.#state = { kind: 'ending', end };
    }
    void this.#finish();
  }

  /** Stops the process; {@link #finish} follows when it has gone. */
  #end(kind: JobEnd['kind'], message: string): void {
    const { kind: before } = this.#state;
    if (before === 'ending' || before === 'ended') return;
    const process = this.#state.kind === 'running' ? this.#state.process : undefined;
    this.#state = { kind: 'ending', end: this.#describeEnd(kind, message) };
    this.#queue.end();
    if (process === undefined) {
      // Without sockets yet, #open finds out by itself.
      if (this.#sockets !== undefined) void this.#finish();
      return;
    }
    // A stalled process may be stopped, and would not hear anything but SIGKILL.
    process.kill(kind === 'stalled' ? 'SIGKILL' : 'SIGTERM');
    this.#timers.add(setTimeout(() => process.kill('SIGKILL'), KILL_AFTER_MS));
    this.#timers.add(setTimeout(() => void this.#finish(), GIVE_UP_AFTER_MS));
  }

  #describeEnd(kind: JobEnd['kind'], message: string): JobEnd {
    return { kind, message, stderr: [...this.#stderr] };
  }

  async #finish(): Promise<void> {
    if (this.#state.kind !== 'ending') return;
    const { end } = this.#state;
    this.#state = { kind: 'ended', end };
    for (const timer of this.#timers) clearTimeout(timer);
    this.#queue.end();
    await this.#sockets?.close();
    this.#ended.resolve();
    this.emit('ended', { ...end, stderr: [...this.#stderr] });
    this.removeAllListeners();
  }
}
