// The bench's side of plain HTTP load: a generator process, its connections and what each stretch came to.
import path from 'node:path';
import { LatencyHistogram } from '../latency-histogram.ts';
import type { GeneratorLoad } from '../load/generator-load.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import type { RequestResult, RequestStretchOptions } from './request-load.ts';
import type { RequestMethods } from './requests.generator.ts';

const MODULE = path.join(import.meta.dirname, 'requests.generator.ts');

/** A stretch, with how busy the generator was. */
export interface HttpStretch extends RequestResult {
  readonly generator: GeneratorLoad;
}

export interface HttpLoadOptions {
  /** For example `http://127.0.0.1:8080`. */
  readonly origin: string;
  readonly connections: number;
  readonly timeoutMs: number;
}

/** A generator with its connections. Whoever started it disposes of it. */
export class HttpLoad {
  readonly #process: GeneratorProcess<RequestMethods>;

  private constructor(process: GeneratorProcess<RequestMethods>) {
    this.#process = process;
  }

  static async start({ origin, connections, timeoutMs }: HttpLoadOptions): Promise<HttpLoad> {
    const { hostname, port } = new URL(origin);
    const generator = await GeneratorProcess.start<RequestMethods>(MODULE);
    await generator.call('open', { host: hostname, port: Number(port || 80), connections, timeoutMs });
    return new HttpLoad(generator);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Offers load for a stretch and waits for its end. */
  async run(options: RequestStretchOptions): Promise<HttpStretch> {
    await this.#process.takeLoad();
    const { encoded, ...counts } = await this.#process.call('run', options);
    const generator = await this.#process.takeLoad();
    return { ...counts, latency: LatencyHistogram.decode(encoded), generator };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
