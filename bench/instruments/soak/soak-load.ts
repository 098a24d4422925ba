// The mixed load of a soak: publishers, visitors who talk, HLS players and WHEP viewers who come and go, each kind
// in a process of its own. Everything ends with it.
import path from 'node:path';
import type { CpuRoots } from '../cpu-account.ts';
import { busiest } from '../load/generator-load.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import type { MediaMethods } from '../reconnect/media.generator.ts';
import type { SoakMethods } from './soak.generator.ts';

const SOAK_MODULE = path.join(import.meta.dirname, 'soak.generator.ts');
const MEDIA_MODULE = path.join(import.meta.dirname, '../reconnect/media.generator.ts');

export interface SoakLoadOptions {
  readonly origin: string;
  readonly room: string;
  readonly visitors: number;
  readonly players: number;
  /** WHEP viewers. */
  readonly media: number;
  readonly danmakuPerSecond: number;
  readonly likesPerSecond: number;
  /** Shortest and longest stay of visitors and WHEP viewers, ms. */
  readonly stayMs: readonly [number, number];
}

/** Running load. Whoever started it disposes of it; everybody has left then. */
export class SoakLoad {
  readonly #people: GeneratorProcess<SoakMethods>;
  readonly #media: GeneratorProcess<MediaMethods>;

  private constructor(people: GeneratorProcess<SoakMethods>, media: GeneratorProcess<MediaMethods>) {
    this.#people = people;
    this.#media = media;
  }

  static async start(options: SoakLoadOptions): Promise<SoakLoad> {
    await using stack = new AsyncDisposableStack();
    const people = stack.use(await GeneratorProcess.start<SoakMethods>(SOAK_MODULE));
    const media = stack.use(await GeneratorProcess.start<MediaMethods>(MEDIA_MODULE));
    const { origin, room, stayMs, danmakuPerSecond, likesPerSecond } = options;
    const live = `${origin}/live/${room}`;
    await people.call('comeIn', {
      ...{ url: `${live.replace(/^http/, 'ws')}/ws`, places: options.visitors },
      ...{ stayMs, danmakuPerSecond, likesPerSecond },
    });
    await people.call('play', { url: `${live}/index.m3u8`, players: options.players });
    await media.call('add', { whepUrl: `${live}/whep`, viewers: options.media, stayMs });
    stack.move();
    return new SoakLoad(people, media);
  }

  /** Processes, for accounting their CPU. */
  get roots(): CpuRoots {
    return { visitors: () => this.#people.pid, media: () => this.#media.pid };
  }

  /** What everybody has counted so far. */
  async counts() {
    return {
      ...(await this.#people.call('counts', undefined)),
      media: await this.#media.call('counts', undefined),
    };
  }

  /** How far behind the clock the newest segments were, since the last call. */
  takeLags() {
    return this.#people.call('takeLags', undefined);
  }

  async takeLoad() {
    return busiest([await this.#people.takeLoad(), await this.#media.takeLoad()]);
  }

  /** Everybody leaves; what they counted can still be asked for. */
  async leave(): Promise<void> {
    await Promise.all([this.#people.call('leave', undefined), this.#media.call('leave', undefined)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#people[Symbol.asyncDispose](), this.#media[Symbol.asyncDispose]()]);
  }
}

/** What all kinds of load have counted. */
export type SoakCounts = Awaited<ReturnType<SoakLoad['counts']>>;
