// A server, its publishers and the processes of its viewers, brought to a number of viewers and measured there.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CpuAccount, type CpuUse } from '../cpu-account.ts';
import { LatencyHistogram } from '../latency-histogram.ts';
import { busiest, type GeneratorLoad } from '../load/generator-load.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import { encodeLoopClip, type LoopClipOptions } from '../loop-clip.ts';
import { LoopPublisher } from '../loop-publisher.ts';
import type { DelayHistograms } from '../rtp/picture-departures.ts';
import { RunQueueWait } from '../run-queue-wait.ts';
import type { SfuMethods } from './sfu.generator.ts';
import type { JoinOutcome, WindowOutcome } from './sfu-crowd.ts';
import type { SfuServer } from './sfu-server.ts';

const GENERATOR = path.join(import.meta.dirname, 'sfu.generator.ts');

export interface SfuBedOptions {
  readonly server: SfuServer;
  readonly clip: LoopClipOptions;
  /** Processes that the viewers are spread over. */
  readonly generators: number;
  /** Joins a second, over all generators. */
  readonly joinsPerSecond: number;
}

/** What a stretch at one number of viewers gave, over all generators. */
export interface SfuStretch extends Omit<WindowOutcome, 'arrivals'> {
  /** Pictures that viewers got whole, and how many they would have got of what was sent meanwhile. */
  readonly pictures: number;
  readonly picturesSent: number;
  readonly delays: DelayHistograms;
  readonly cpu: CpuUse;
  readonly load: GeneratorLoad;
  /** Threads that stood waiting for a core, on average. */
  readonly waiting: { readonly server: number; readonly generators: number };
}

type Generator = GeneratorProcess<SfuMethods>;

/** See the head of this file. Disposing of it ends viewers, publishers and server, in this order. */
export class SfuBed {
  readonly server: SfuServer;
  readonly #options: SfuBedOptions;
  readonly #stack: AsyncDisposableStack;
  readonly #publishers: readonly LoopPublisher[];
  readonly #generators: readonly Generator[];
  #viewers = 0;

  private constructor(options: SfuBedOptions, parts: Parts) {
    this.server = options.server;
    this.#options = options;
    this.#stack = parts.stack;
    this.#publishers = parts.publishers;
    this.#generators = parts.generators;
  }

  /** Takes the server over, publishes to it and waits until viewers can join. */
  static async open(options: SfuBedOptions): Promise<SfuBed> {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(options.server);
    const folder = await mkdtemp(path.join(tmpdir(), 'bench-sfu-'));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const clip = await encodeLoopClip(folder, options.clip);
    const publishers = server.outputs.map((output) => stack.use(new LoopPublisher(clip, output)));
    await server.waitUntilLive();
    const generators: Generator[] = [];
    for (let left = options.generators; left > 0; left--) {
      generators.push(stack.use(await GeneratorProcess.start<SfuMethods>(GENERATOR)));
    }
    return new SfuBed(options, { publishers, generators, stack: stack.move() });
  }

  get viewers(): number {
    return this.#viewers;
  }

  /** Joins or lets go of viewers until there are so many; answers how the joins went. */
  async bringTo(viewers: number): Promise<JoinOutcome> {
    const { joinsPerSecond, server } = this.#options;
    const perSecond = joinsPerSecond / this.#generators.length;
    const joins = await this.#each(async (generator, index) => {
      const [have, want] = [this.#share(this.#viewers, index), this.#share(viewers, index)];
      if (want <= have) {
        await generator.call('shrink', { size: want });
        return { joinMs: [], errors: [], seconds: 0 };
      }
      const { protocol, places } = server;
      return generator.call('join', { protocol, places, count: want - have, perSecond });
    });
    this.#viewers = viewers;
    return {
      joinMs: joins.flatMap(({ joinMs }) => joinMs),
      errors: joins.flatMap(({ errors }) => errors),
      seconds: Math.max(...joins.map(({ seconds }) => seconds)),
    };
  }

  /** Measures while `hold` lasts. Throws when a publisher has ended. */
  async measure(hold: () => Promise<void>): Promise<SfuStretch> {
    await this.#each((generator) => generator.takeLoad());
    const sentBefore = this.#sentByPlace();
    const cpu = new CpuAccount(this.#roots());
    const waits = {
      server: new RunQueueWait(this.server.pid ?? 0),
      generators: this.#generators.map(({ pid }) => new RunQueueWait(pid)),
    };
    await this.#each((generator) => generator.call('startWindow', undefined));
    await hold();
    const windows = await this.#each((generator) => generator.call('endWindow', undefined));
    const use = cpu.read();
    const waiting = {
      server: waits.server.read(),
      generators: waits.generators.reduce((sum, wait) => sum + wait.read(), 0),
    };
    const loads = await this.#each((generator) => generator.takeLoad());
    const ended = this.#publishers.find(({ running }) => !running);
    if (ended) throw new Error(`the publisher ended: ${ended.stderrTail}`);
    const sent = this.#sentByPlace().map((count, place) => count - (sentBefore[place] ?? 0));
    return { ...this.#merge(windows, sent), cpu: use, load: busiest(loads), waiting };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #merge(windows: readonly WindowOutcome[], sent: readonly number[]) {
    const delays = { first: new LatencyHistogram(), last: new LatencyHistogram() };
    let [pictures, picturesSent] = [0, 0];
    for (const { place, pictures: row } of windows.flatMap(({ arrivals }) => arrivals)) {
      const before = delays.last.count;
      this.#publishers[place]?.departures.match(row, delays);
      pictures += delays.last.count - before;
      picturesSent += sent[place] ?? 0;
    }
    const sum = (value: (window: WindowOutcome) => number) =>
      windows.reduce((all, window) => all + value(window), 0);
    return {
      seconds: Math.max(...windows.map(({ seconds }) => seconds)),
      viewers: sum(({ viewers }) => viewers),
      silent: sum(({ silent }) => silent),
      packets: sum(({ packets }) => packets),
      bytes: sum(({ bytes }) => bytes),
      otherPackets: sum(({ otherPackets }) => otherPackets),
      expected: sum(({ expected }) => expected),
      lost: sum(({ lost }) => lost),
      duplicates: sum(({ duplicates }) => duplicates),
      worstLoss: Math.max(...windows.map(({ worstLoss }) => worstLoss)),
      ...{ pictures, picturesSent, delays },
    };
  }

  #each<T>(ask: (generator: Generator, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#generators.map(ask));
  }

  #share(viewers: number, index: number): number {
    return Math.floor((viewers + index) / this.#generators.length);
  }

  #sentByPlace(): number[] {
    return this.#publishers.map(({ departures }) => departures.count);
  }

  #roots(): Record<string, () => number> {
    const { pid } = this.server;
    const generators = this.#generators.map((generator, index) => {
      return [index === 0 ? 'generator' : `generator${index + 1}`, () => generator.pid] as const;
    });
    return {
      ...(pid === undefined ? {} : { server: () => pid }),
      ...Object.fromEntries(generators),
      // With the publishers, its children.
      bench: () => process.pid,
    };
  }
}

interface Parts {
  readonly publishers: readonly LoopPublisher[];
  readonly generators: readonly Generator[];
  readonly stack: AsyncDisposableStack;
}
