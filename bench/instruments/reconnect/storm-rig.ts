// Everything a storm needs: a server that can be restarted, viewers and WHEP viewers in processes of their own, a
// publisher. Provokes storms and measures each.
import path from 'node:path';
import { pause, type ScenarioContext } from '../../scenario.ts';
import { CpuAccount } from '../cpu-account.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import type { RestartableServer } from '../restartable-server.ts';
import { SteadyPublishers } from '../rtmp/steady-publishers.ts';
import { StrainWatch, type Watched } from '../strain-watch.ts';
import type { MediaMethods } from './media.generator.ts';
import type { StormMethods } from './storm.generator.ts';
import type { StormMeasure } from './storm-figures.ts';

const STORM_MODULE = path.join(import.meta.dirname, 'storm.generator.ts');
const MEDIA_MODULE = path.join(import.meta.dirname, 'media.generator.ts');
/** The SDK waits 20 s at most between two attempts; one may fail. */
const BACK_TIMEOUT_MS = 60_000;
const MEDIA_TIMEOUT_MS = 30_000;
const SETTLE_TIMEOUT_MS = 5_000;
const POLL_MS = 200;
/** Danmaku flow for so long before everybody is lost. */
const BEFORE_MS = 700;
const CONCURRENT_JOINS = 100;

export interface StormRigOptions {
  readonly context: ScenarioContext;
  readonly origin: string;
  readonly room: string;
  /** Undefined for a server elsewhere. */
  readonly server: RestartableServer | undefined;
  readonly viewers: number;
  /** WHEP viewers, of what is published at `publishUrl`. */
  readonly media: number;
  readonly publishUrl: string;
  /** Danmaku a second, and how many of it one sender may send. */
  readonly rate: number;
  readonly ratePerSender: number;
}

/** What makes a storm: returns when people could come back, monotonic ms, and how long the server was away. */
export type Provocation = () => Promise<{ readonly fromMs: number; readonly downMs?: number }>;

/** Viewers in their processes. Whoever opened it disposes of it. */
export class StormRig {
  readonly #options: StormRigOptions;
  readonly #stack: AsyncDisposableStack;
  readonly crowd: GeneratorProcess<StormMethods>;
  readonly #media: GeneratorProcess<MediaMethods> | undefined;
  readonly #publishers: SteadyPublishers | undefined;

  private constructor(options: StormRigOptions, parts: Parts, stack: AsyncDisposableStack) {
    this.#options = options;
    this.crowd = parts.crowd;
    this.#media = parts.media;
    this.#publishers = parts.publishers;
    this.#stack = stack;
  }

  /** Starts the processes and, with `media`, the publisher and its viewers; nobody has joined the room yet. */
  static async open(options: StormRigOptions): Promise<StormRig> {
    await using stack = new AsyncDisposableStack();
    const crowd = stack.use(await GeneratorProcess.start<StormMethods>(STORM_MODULE));
    if (options.media === 0)
      return new StormRig(options, { crowd, media: undefined, publishers: undefined }, stack.move());
    options.context.progress('publishing');
    const publishers = stack.use(await SteadyPublishers.start([options.publishUrl], options.context.signal));
    await options.server?.current.waitUntilLive(options.room);
    const media = stack.use(await GeneratorProcess.start<MediaMethods>(MEDIA_MODULE));
    const rig = new StormRig(options, { crowd, media, publishers }, stack.move());
    const whepUrl = `${options.origin}/live/${options.room}/whep`;
    await media.call('add', { whepUrl, viewers: options.media });
    return rig;
  }

  /** Lets everyone into the room; returns how long it took, what it cost and how the server bore it. */
  async join() {
    const { context, origin, room, viewers, rate, ratePerSender } = this.#options;
    context.progress(`${viewers} viewers joining`);
    using watch = await StrainWatch.start(this.#watched());
    const account = this.#account();
    const { seconds } = await this.crowd.call('open', {
      url: `${origin.replace(/^http/, 'ws')}/live/${room}/ws`,
      ...{ viewers, senders: Math.ceil(rate / ratePerSender), concurrency: CONCURRENT_JOINS },
    });
    const cpu = account.read();
    return { seconds, cpu, strain: await watch.read(), generator: await this.crowd.takeLoad() };
  }

  /** One storm, from danmaku flowing before it to everybody's books after it. */
  async storm(label: string, provoke: Provocation): Promise<StormMeasure> {
    const { context, rate } = this.#options;
    await this.crowd.call('startSending', { perSecond: rate });
    await this.crowd.call('beginStorm', undefined);
    await pause(BEFORE_MS, context.signal);
    await this.crowd.takeLoad();
    using watch = await StrainWatch.start(this.#watched());
    const provokedAtMs = Number(process.hrtime.bigint()) / 1e6;
    const { fromMs, downMs } = await provoke();
    const account = this.#account();
    await this.#waitUntilBack(label);
    const cpu = account.read();
    const strain = await watch.read();
    const generator = await this.crowd.takeLoad();
    context.progress(`${label}: closing the books`);
    const outcome = await this.crowd.call('outcome', { fromMs });
    const audit = await this.crowd.call('settle', { timeoutMs: SETTLE_TIMEOUT_MS });
    return { outcome, audit, cpu, strain, generator, downMs, ...(await this.mediaBack(provokedAtMs)) };
  }

  /** How long after `fromMs` packets flowed again to WHEP viewers that had lost them, waiting for all of them. */
  async mediaBack(fromMs: number): Promise<Pick<StormMeasure, 'mediaBackMs' | 'mediaMissing'>> {
    const { context } = this.#options;
    if (!this.#media) return { mediaBackMs: [], mediaMissing: 0 };
    const deadline = performance.now() + MEDIA_TIMEOUT_MS;
    for (;;) {
      const flowing = await this.#media.call('flowing', undefined);
      const missing = flowing.filter((since) => Number.isNaN(since)).length;
      if (missing === 0 || performance.now() > deadline || context.signal.aborted) {
        const back = flowing.filter((since) => since > fromMs);
        return { mediaBackMs: back.map((since) => since - fromMs), mediaMissing: missing };
      }
      context.progress(`${missing} WHEP viewers without packets`);
      await pause(POLL_MS, context.signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #waitUntilBack(label: string): Promise<void> {
    const { context, viewers } = this.#options;
    const deadline = performance.now() + BACK_TIMEOUT_MS;
    while (performance.now() < deadline && !context.signal.aborted) {
      const { resumed } = await this.crowd.call('progress', undefined);
      context.progress(`${label}: ${resumed} of ${viewers} viewers back`);
      if (resumed === viewers) return;
      await pause(POLL_MS, context.signal);
    }
  }

  #watched(): Watched {
    const { server, origin } = this.#options;
    return { pid: () => server?.current.pid, origin };
  }

  #account(): CpuAccount {
    const { server } = this.#options;
    return new CpuAccount({
      ...(server && { server: () => server.current.pid }),
      generator: () => this.crowd.pid,
      media: () => this.#media?.pid ?? 0,
      publisher: () => this.#publishers?.pid ?? 0,
      bench: () => process.pid,
    });
  }
}

interface Parts {
  readonly crowd: GeneratorProcess<StormMethods>;
  readonly media: GeneratorProcess<MediaMethods> | undefined;
  readonly publishers: SteadyPublishers | undefined;
}
