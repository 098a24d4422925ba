// Keeps a live stream's ladder: watches what the source is, plans within what the machine has left, tells
// the transcoder, and hands on what the plan says needs no encoding.
import { BarrageError } from '../../core/errors.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import type { Rendition } from '../../media/stream/rendition.ts';
import { type SourceDescription, SourceProbe } from '../../media/stream/source-probe.ts';
import type { Stream } from '../../media/stream/stream.ts';
import type { FfmpegInfo } from '../../transcoder/ffmpeg/ffmpeg-probe.ts';
import type { LadderAdmission, Reservation } from '../../transcoder/ladder/admission.ts';
import { type LadderPlan, type LadderSettings, planLadder } from '../../transcoder/ladder/ladder-plan.ts';
import { toLadderSource } from '../../transcoder/ladder/ladder-source.ts';
import { isSameWork } from '../../transcoder/plan-outputs.ts';
import { createTranscoder, type Transcoder } from '../../transcoder/transcoder.ts';
import type { TranscoderDescription, TranscoderSettings } from '../../transcoder/transcoder-options.ts';
import { relayRendition } from './passthrough-relay.ts';

/** What a runner is made with; `admission` is shared by all streams of the process. */
export interface LadderRunnerOptions {
  readonly stream: Stream;
  readonly ffmpeg: FfmpegInfo;
  readonly admission: LadderAdmission;
  readonly ladder: LadderSettings;
  readonly transcoder: TranscoderSettings;
  readonly logger: Logger;
}

/** What is made of a stream now. */
export interface LadderDescription extends TranscoderDescription {
  readonly passthrough: LadderPlan['passthrough'];
  /** Rungs that were left out, and why. */
  readonly dropped: LadderPlan['dropped'];
  /** Cores the plan was reckoned to take. */
  readonly cost: number;
}

/** See the head of the file. Close it when the stream is over. */
export class LadderRunner {
  readonly #options: LadderRunnerOptions;
  readonly #probe = new SourceProbe();
  readonly #relays = new Map<string, Closable>();
  #transcoder: Transcoder | undefined;
  #plan: LadderPlan | undefined;
  #reservation: Reservation | undefined;

  constructor(options: LadderRunnerOptions) {
    this.#options = options;
    this.#probe.on('described', (source) => this.#handleSource(source));
  }

  /** Takes a source rendition of the stream into account. */
  watch(rendition: Rendition): void {
    this.#probe.watch(rendition);
  }

  /** Undefined until the source is known. */
  describe(): LadderDescription | undefined {
    if (!this.#plan || !this.#transcoder) return undefined;
    const { passthrough, dropped, cost } = this.#plan;
    return { passthrough, dropped, cost, ...this.#transcoder.describe() };
  }

  async close(reason: string): Promise<void> {
    this.#probe.close();
    this.#closeRelays(reason);
    this.#reservation?.release();
    await this.#transcoder?.close(reason);
  }

  #handleSource(observed: SourceDescription): void {
    const { stream, logger } = this.#options;
    try {
      const before = this.#plan;
      const plan = this.#makePlan(observed);
      if (before && this.#transcoder?.state.kind !== 'closed' && isSameLadder(before, plan)) return;
      const rungs = plan.rungs.map(({ id }) => id);
      logger.info({ rungs, passthrough: plan.passthrough, dropped: plan.dropped }, 'ladder planned');
      this.#relay(plan);
      this.#transcode(plan, observed);
    } catch (error) {
      if (!(error instanceof BarrageError)) throw error;
      // Nobody would see anything: the broadcaster should know rather than stream into the void.
      logger.warn({ code: error.code, reason: error.message }, 'no ladder for this stream');
      stream.kick(error.message);
    }
  }

  #makePlan(observed: SourceDescription): LadderPlan {
    const { admission, ffmpeg, ladder } = this.#options;
    this.#reservation?.release();
    const { encoders, decoders } = ffmpeg;
    const machine = { cores: admission.cores, budget: admission.left, encoders, decoders };
    const plan = planLadder(toLadderSource(observed), machine, ladder);
    this.#reservation = admission.reserve(plan);
    this.#plan = plan;
    return plan;
  }

  #transcode(plan: LadderPlan, observed: SourceDescription): void {
    const { stream, ffmpeg, transcoder: settings, logger } = this.#options;
    const source = {
      video: observed.video && stream.findRendition('source-video'),
      audio: observed.audio && stream.findRendition('source-audio'),
    };
    if (this.#transcoder && this.#transcoder.state.kind !== 'closed') {
      this.#transcoder.setPlan(plan, source);
      return;
    }
    const open = stream.openRendition.bind(stream);
    const transcoder = createTranscoder({ ...source, plan, open, ffmpeg, settings, logger });
    transcoder.on('shrunk', (smaller) => {
      this.#plan = smaller;
    });
    this.#transcoder = transcoder;
  }

  /** Passes on what needs no encoding, under the ids viewers know. */
  #relay({ passthrough, audio }: LadderPlan): void {
    const wanted = new Map<string, string>();
    if (passthrough.kind === 'source') wanted.set('source', 'source-video');
    if (audio.aac.kind === 'source') wanted.set('aac', 'source-audio');
    if (audio.opus.kind === 'source') wanted.set('opus', 'source-audio');
    this.#closeRelays('not in the new plan', wanted);
    const { stream } = this.#options;
    const open = stream.openRendition.bind(stream);
    for (const [id, sourceId] of wanted) {
      const source = stream.findRendition(sourceId);
      if (!source || this.#relays.has(id)) continue;
      this.#relays.set(id, relayRendition(source, id, open));
      source.once('closed', () => this.#relays.delete(id));
    }
  }

  #closeRelays(reason: string, except: ReadonlyMap<string, string> = new Map()): void {
    for (const [id, relay] of this.#relays) {
      if (except.has(id)) continue;
      this.#relays.delete(id);
      void relay.close(reason);
    }
  }
}

function isSameLadder(a: LadderPlan, b: LadderPlan): boolean {
  return a.passthrough.kind === b.passthrough.kind && isSameWork(a, b);
}
