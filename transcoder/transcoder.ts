// The transcoder of one stream: keeps one ffmpeg running for a ladder plan and writes what comes out as
// renditions of the stream. It plans nothing; how ffmpeg is run is ffmpeg/'s.
import { EventEmitter } from 'node:events';
import type { AccessUnit, Track } from '../core/access-unit.ts';
import { BarrageError } from '../core/errors.ts';
import type { Closable } from '../core/lifecycle.ts';
import type { SourceRenditionPort } from '../core/rendition.ts';
import { FfmpegJob, type JobEnd } from './ffmpeg/ffmpeg-job.ts';
import type { LadderPlan } from './ladder/ladder-plan.ts';
import { OutputRenditions } from './output-renditions.ts';
import { isSameWork, outputIds, restrictPlan, shrinkPlan } from './plan-outputs.ts';
import { Backoff } from './restart-backoff.ts';
import type {
  TranscoderDescription,
  TranscoderEvents,
  TranscoderOptions,
  TranscoderState,
} from './transcoder-options.ts';
import { type Backlog, collectBacklog, currentTracks, type TranscoderSource } from './transcoder-source.ts';

export type * from './transcoder-options.ts';

/** A ladder ffmpeg does not keep up with is made smaller at most so often. */
const SHRINK_INTERVAL_MS = 5_000;
/** Up to this lag a run that cannot be given less to do goes on: beginning anew would cost viewers more. */
const BEARABLE_LAG_MS = 2_000;
/** Two stalls within this time are no accident. */
const STALL_MEMORY_MS = 30_000;

/** Starts transcoding at once. Its owner closes it when the stream ends. */
export function createTranscoder(options: TranscoderOptions): Transcoder {
  return new Transcoder(options);
}

/** See the head of the file. It closes itself when the last source rendition has closed. */
export class Transcoder extends EventEmitter<TranscoderEvents> implements Closable {
  readonly #options: TranscoderOptions;
  readonly #outputs: OutputRenditions;
  readonly #backoff: Backoff;
  /** Jobs that were stopped and are not gone yet. */
  readonly #leaving = new Set<Promise<void>>();
  /** Kinds of unit the current job was given live. */
  readonly #fedKinds = new Set<Track['kind']>();
  #source: TranscoderSource;
  #forgetSource: () => void = () => undefined;
  #plan: LadderPlan;
  #state: TranscoderState = { kind: 'starting' };
  #job: FfmpegJob | undefined;
  #timer: NodeJS.Timeout | undefined;
  #restarts = 0;
  #dropped = 0;
  #shrunkAtMs = Number.NEGATIVE_INFINITY;
  #stalledAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: TranscoderOptions) {
    super();
    const { restartMinMs: minMs, restartMaxMs: maxMs } = options.settings;
    this.#options = options;
    this.#plan = options.plan;
    this.#source = { video: options.video, audio: options.audio };
    this.#outputs = new OutputRenditions(options.open);
    this.#backoff = new Backoff({ minMs, maxMs });
    this.#watchSource();
    this.#startJob();
  }

  get state(): TranscoderState {
    return this.#state;
  }

  get plan(): LadderPlan {
    return this.#plan;
  }

  describe(): TranscoderDescription {
    return {
      state: this.#state,
      rungs: this.#plan.rungs.map(({ id }) => id),
      renditions: this.#outputs.ids,
      speed: this.#job?.speed ?? 0,
      restarts: this.#restarts,
      droppedUnits: this.#dropped + (this.#job?.dropped ?? 0),
    };
  }

  /**
   * Goes on with another plan, or other source renditions. Renditions of both plans stay open; ffmpeg is
   * started anew only when it has something else to do.
   */
  setPlan(plan: LadderPlan, source: TranscoderSource = this.#source): void {
    if (this.#state.kind === 'closed') return;
    const isSameSource = source.video === this.#source.video && source.audio === this.#source.audio;
    const isSame = isSameSource && isSameWork(plan, this.#plan);
    this.#plan = plan;
    if (isSame) return;
    this.#source = source;
    if (!isSameSource) this.#watchSource();
    this.#startJob();
  }

  /** Ends ffmpeg and closes the renditions; resolves when the process is gone. */
  async close(reason: string): Promise<void> {
    if (this.#state.kind !== 'closed') {
      clearTimeout(this.#timer);
      this.#forgetSource();
      this.#stopJob(reason);
      this.#setState({ kind: 'closed', reason });
      this.#outputs.retain([], reason);
      this.emit('closed', reason);
      this.removeAllListeners();
    }
    await Promise.all(this.#leaving);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close('disposed');
  }

  #watchSource(): void {
    this.#forgetSource();
    const cleanups = (['video', 'audio'] as const).flatMap((kind) => {
      const port = this.#source[kind];
      return port === undefined ? [] : [this.#watchPort(kind, port)];
    });
    this.#forgetSource = () => {
      for (const cleanup of cleanups) cleanup();
    };
  }

  #watchPort(kind: Track['kind'], port: SourceRenditionPort): () => void {
    const handleUnit = (unit: AccessUnit): void => this.#handleUnit(kind, unit);
    const handleTrack = (): void => this.#startJob();
    const handleClosed = (): void => {
      const rest = { ...this.#source, [kind]: undefined };
      if (rest.video === undefined && rest.audio === undefined) void this.close('the source has ended');
      else this.setPlan(this.#plan, rest);
    };
    port.on('unit', handleUnit).on('track', handleTrack).on('closed', handleClosed);
    return () => void port.off('unit', handleUnit).off('track', handleTrack).off('closed', handleClosed);
  }

  #handleUnit(kind: Track['kind'], unit: AccessUnit): void {
    // ffmpeg would stretch or fill a jump of the time line; a new job begins with it instead. A job that
    // waits for input is given the group in progress, which this unit is part of already.
    const isJump = unit.discontinuity === true && this.#fedKinds.has(kind);
    if (isJump || (this.#job === undefined && this.#state.kind === 'starting')) this.#startJob();
    else this.#job?.write(kind, unit);
    this.#fedKinds.add(kind);
  }

  #startJob(): void {
    if (this.#state.kind === 'closed') return;
    clearTimeout(this.#timer);
    this.#stopJob('replaced');
    const plan = this.#possiblePlan();
    const ids = outputIds(plan);
    this.#outputs.retain(ids, 'not in the plan');
    this.#setState({ kind: ids.length > 0 ? 'starting' : 'idle' });
    const backlog = collectBacklog(this.#source, this.#outputs.shownUntilUs);
    if (ids.length === 0 || backlog.units.length === 0) return;
    try {
      this.#job = this.#createJob(plan, backlog);
    } catch (error) {
      if (!(error instanceof BarrageError)) throw error;
      this.#handleEnd({ kind: 'failed', message: error.message, stderr: [] });
    }
  }

  /** ffmpeg fails when it is asked for a track that is not there. */
  #possiblePlan(): LadderPlan {
    const { video, audio } = currentTracks(this.#source);
    return restrictPlan(this.#plan, { video: video !== undefined, audio: audio !== undefined });
  }

  #createJob(plan: LadderPlan, { units, skipBeforeUs }: Backlog): FfmpegJob {
    const { ffmpeg, settings, logger } = this.#options;
    const job = new FfmpegJob({
      path: ffmpeg.path,
      plan,
      ...currentTracks(this.#source),
      startUs: units[0]?.unit.dtsUs ?? 0,
      stallTimeoutMs: settings.stallTimeoutMs,
      logger,
      ...(skipBeforeUs === undefined ? {} : { skipBeforeUs }),
    });
    job.on('started', (pid) => this.#setState({ kind: 'running', pid }));
    job.on('track', (id, track) => this.#outputs.setTrack(id, track));
    job.on('unit', (id, unit) => this.#outputs.write(id, unit));
    job.on('overrun', (overrun) => this.#handleOverrun(overrun));
    job.on('ended', (end) => this.#handleEnd(end));
    for (const { kind, unit } of units) job.write(kind, unit, 'backlog');
    return job;
  }

  #stopJob(reason: string): void {
    const job = this.#job;
    this.#job = undefined;
    this.#fedKinds.clear();
    if (job === undefined) return;
    this.#dropped += job.dropped;
    job.removeAllListeners();
    const gone = job.close(reason).finally(() => this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }

  #handleEnd(end: JobEnd): void {
    const nowMs = performance.now();
    this.#dropped += this.#job?.dropped ?? 0;
    this.#job = undefined;
    this.#restarts++;
    const delayMs = this.#backoff.next(nowMs);
    this.#options.logger.warn({ ...end, delayMs }, 'ffmpeg is restarted');
    // One that stalls again and again has more to do than the machine can.
    if (end.kind === 'stalled' && nowMs - this.#stalledAtMs < STALL_MEMORY_MS) this.#shrink(nowMs);
    if (end.kind === 'stalled') this.#stalledAtMs = nowMs;
    this.#setState({ kind: 'restarting', delayMs, reason: `${end.kind}: ${end.message}` });
    this.#timer = setTimeout(() => this.#startJob(), delayMs);
  }

  /** Goes on at the live edge with a new run, and with less to do unless that was tried just now. */
  #handleOverrun(overrun: { lagMs: number; dropped: number }): void {
    const isShrunk = this.#shrink(performance.now());
    if (!isShrunk && overrun.dropped === 0 && overrun.lagMs < BEARABLE_LAG_MS) return;
    this.#options.logger.warn({ ...overrun }, 'ffmpeg does not keep up');
    this.#startJob();
  }

  /** False when there is nothing to leave out, or some was left out just now. */
  #shrink(nowMs: number): boolean {
    if (nowMs - this.#shrunkAtMs < SHRINK_INTERVAL_MS) return false;
    const smaller = shrinkPlan(this.#plan);
    if (smaller === undefined) return false;
    this.#shrunkAtMs = nowMs;
    this.#plan = smaller;
    this.#options.logger.warn({ rungs: smaller.rungs.map(({ id }) => id) }, 'ladder made smaller');
    this.emit('shrunk', smaller);
    return true;
  }

  #setState(state: TranscoderState): void {
    this.#state = state;
    this.emit('state', state);
  }
}
