// Publishers that are simply there while something else is measured: a clip replayed into each room, and sent
// anew when a server lost them.
import path from 'node:path';
import { pause } from '../../scenario.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import type { RtmpLoadMethods } from './rtmp-load.ts';
import { findOrMakeClip } from './source-clips.ts';

const MODULE = path.join(import.meta.dirname, 'rtmp-load.ts');
const CHECK_EVERY_MS = 250;
const SPACING_MS = 300;
/** OBS waits 2 s by default before it tries again. */
const RETRY_MS = 1_000;

/** Small and cheap: no B-frames, so that a server may pass it through. */
const CLIP = { kind: 'passthrough', width: 640, height: 360, videoKbps: 800 } as const;

/** Running publishers. Whoever started them disposes of them. */
export class SteadyPublishers {
  readonly #generator: GeneratorProcess<RtmpLoadMethods>;
  readonly #stop = new AbortController();
  #knownLosses = 0;
  #losses: string[] = [];
  #watching: Promise<void> = Promise.resolve();

  private constructor(generator: GeneratorProcess<RtmpLoadMethods>) {
    this.#generator = generator;
  }

  /** `urls` with stream keys; `sound` is there by default. Throws when one is refused. */
  static async start(
    urls: readonly string[],
    signal: AbortSignal,
    { sound = true }: { readonly sound?: boolean } = {},
  ): Promise<SteadyPublishers> {
    const clip = await findOrMakeClip({ ...CLIP, sound }, signal);
    await using stack = new AsyncDisposableStack();
    const generator = stack.use(await GeneratorProcess.start<RtmpLoadMethods>(MODULE));
    await generator.call('load', clip);
    for (const { error } of await generator.call('start', { urls, spacingMs: SPACING_MS })) {
      if (error !== undefined) throw new Error(`the publisher was refused: ${error}`);
    }
    const publishers = new SteadyPublishers(generator);
    publishers.#watching = publishers.#watch();
    stack.move();
    return publishers;
  }

  get pid(): number {
    return this.#generator.pid;
  }

  /** Why connections were lost, one entry for each. */
  get losses(): readonly string[] {
    return this.#losses;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    await this.#generator[Symbol.asyncDispose]();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await pause(CHECK_EVERY_MS, signal);
      const { lost } = await this.#generator.call('state', undefined);
      const fresh = lost.slice(this.#knownLosses);
      this.#knownLosses = lost.length;
      this.#losses.push(...fresh.map(({ reason }) => reason));
      for (const { url } of fresh) await this.#republish(url);
    }
  }

  async #republish(url: string): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await pause(RETRY_MS, signal);
      const [start] = await this.#generator.call('start', { urls: [url], spacingMs: 0 });
      if (start?.error === undefined) return;
    }
  }
}
