// Tappers over one or several generator processes, as one: what a scenario holds on to.
import path from 'node:path';
import { busiest, type GeneratorLoad } from '../load/generator-load.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import { sumTapCounts, type TapCounts } from './tap-book.ts';
import type { ShownTotals, Tapping } from './tapper-crowd.ts';
import type { TappersGenerator } from './tappers.generator.ts';

const MODULE = path.join(import.meta.dirname, 'tappers.generator.ts');
/** More sockets on one event loop would add their own waiting to what is measured. */
const TAPPERS_PER_PROCESS = 5000;
const JOIN_TIMEOUT_MS = 120_000;
const ANSWER_TIMEOUT_MS = 30_000;

/** All tappers. Whoever made it disposes of it. */
export class TapperHall {
  readonly #processes: readonly GeneratorProcess<TappersGenerator>[];

  private constructor(processes: readonly GeneratorProcess<TappersGenerator>[]) {
    this.#processes = processes;
  }

  /** Starts the processes for so many tappers. */
  static async open(tappers: number): Promise<TapperHall> {
    const count = Math.ceil(tappers / TAPPERS_PER_PROCESS);
    await using stack = new AsyncDisposableStack();
    const processes: GeneratorProcess<TappersGenerator>[] = [];
    for (let index = 0; index < count; index++) {
      processes.push(stack.use(await GeneratorProcess.start<TappersGenerator>(MODULE)));
    }
    stack.move();
    return new TapperHall(processes);
  }

  get pids(): readonly number[] {
    return this.#processes.map(({ pid }) => pid);
  }

  /** Joins the tappers, shared out evenly. Throws with the first that could not. */
  async join(url: string, tappers: number): Promise<void> {
    const each = Math.ceil(tappers / this.#processes.length);
    await this.#all((process, index) => {
      const count = Math.min(each, tappers - index * each);
      return process.call('join', { url, count }, JOIN_TIMEOUT_MS);
    });
  }

  /** Tappers that have joined so far. */
  async size(): Promise<number> {
    const sizes = await this.#all((process) => process.call('size', undefined));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Starts a stretch of tapping with counts of its own. */
  async begin(tapping: Omit<Tapping, 'share'>): Promise<void> {
    await this.takeLoad();
    const of = this.#processes.length;
    await this.#all((process, index) => process.call('begin', { ...tapping, share: { index, of } }));
  }

  async counts(): Promise<TapCounts> {
    return sumTapCounts(await this.#all((process) => process.call('counts', undefined)));
  }

  /** Ends the stretch and waits for every answer. */
  async finish(): Promise<TapCounts> {
    const params = { timeoutMs: ANSWER_TIMEOUT_MS };
    return sumTapCounts(await this.#all((process) => process.call('finish', params)));
  }

  /** Lets a share of the tappers (0 to 1) go and come back over `spreadMs`, every other one cut off. */
  async reconnect(share: number, spreadMs: number): Promise<void> {
    await this.#all((process) => process.call('reconnect', { share, spreadMs }));
  }

  /** Waits until every tapper shows the total, or the time is up. */
  async waitForTotal(total: number, timeoutMs: number): Promise<ShownTotals> {
    const shown = await this.#all((process) => process.call('waitForTotal', { total, timeoutMs }));
    return {
      lowest: Math.min(...shown.map(({ lowest }) => lowest)),
      highest: Math.max(...shown.map(({ highest }) => highest)),
      others: shown.reduce((sum, { others }) => sum + others, 0),
      lastShownMs: Math.max(...shown.map(({ lastShownMs }) => lastShownMs)),
      lastReplyMs: Math.max(...shown.map(({ lastReplyMs }) => lastReplyMs)),
    };
  }

  /** The load of the busiest process since this was asked last. */
  async takeLoad(): Promise<GeneratorLoad> {
    return busiest(await this.#all((process) => process.takeLoad()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#all((process) => process[Symbol.asyncDispose]());
  }

  #all<T>(ask: (process: GeneratorProcess<TappersGenerator>, index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#processes.map(ask));
  }
}
