// The process that sends plain requests: request-load.ts behind a generator's methods.
import { serveGenerator } from '../load/generator-host.ts';
import type { ConnectionOptions } from './keep-alive-connection.ts';
import { type RequestCounts, RequestLoad, type RequestStretchOptions } from './request-load.ts';

let load: RequestLoad | undefined;

const methods = {
  /** Makes the connections; they connect with their first request. */
  open(options: ConnectionOptions & { readonly connections: number }): void {
    load?.close();
    load = new RequestLoad(options);
  },

  /** Offers load; the histogram comes encoded. */
  async run(options: RequestStretchOptions): Promise<RequestCounts & { readonly encoded: string }> {
    if (!load) throw new Error('open first');
    const { latency, ...counts } = await load.run(options);
    return { ...counts, encoded: latency.encode() };
  },
};

export type RequestMethods = typeof methods;

serveGenerator(methods, () => load?.close());
