// The bench's side of a crowd of HLS players: joins them in a generator process and reads what they saw.
import path from 'node:path';
import { LatencyHistogram } from '../latency-histogram.ts';
import type { GeneratorLoad } from '../load/generator-load.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import type { PlayerRecord } from './player-book.ts';
import type { PlayerMethods } from './players.generator.ts';

const MODULE = path.join(import.meta.dirname, 'players.generator.ts');
const TIMEOUT_MS = 10_000;

/** A stretch of watching. */
export interface PlayerStretch extends PlayerRecord {
  /** Players that follow a rendition. */
  readonly playing: number;
  readonly generator: GeneratorLoad;
}

/** Running players. Whoever started them disposes of them. */
export class PlayerCrowd {
  readonly #process: GeneratorProcess<PlayerMethods>;
  readonly #url: URL;

  private constructor(process: GeneratorProcess<PlayerMethods>, url: URL) {
    this.#process = process;
    this.#url = url;
  }

  /** A crowd of nobody yet; `url` is the multivariant playlist's. */
  static async start(url: string): Promise<PlayerCrowd> {
    return new PlayerCrowd(await GeneratorProcess.start<PlayerMethods>(MODULE), new URL(url));
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Lets players join, evenly over a while, until there are so many. */
  async bringTo(players: number, overMs: number): Promise<void> {
    const { hostname, port, pathname } = this.#url;
    await this.#process.call('join', {
      ...{ host: hostname, port: Number(port || 80), path: pathname, timeoutMs: TIMEOUT_MS },
      ...{ players, overMs },
    });
  }

  /** What they saw since this was asked last. */
  async take(): Promise<PlayerStretch> {
    const { encoded, ...counts } = await this.#process.call('take', undefined);
    const [playlist, segment, edge, freshness] = encoded.map((one) => LatencyHistogram.decode(one));
    if (!playlist || !segment || !edge || !freshness) throw new Error('the players counted too little');
    const generator = await this.#process.takeLoad();
    return { ...counts, times: { playlist, segment, edge, freshness }, generator };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
