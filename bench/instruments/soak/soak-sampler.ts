// What a server holds, looked at every few seconds for hours: memory of each kind of process, handles, event loop,
// viewers. Bounded memory of its own.
import { treeResources } from '../process-tree.ts';
import { ServerMetrics } from '../server-metrics.ts';
import { BoundedSeries } from './bounded-series.ts';

/** Handles of the server and its children. */
export interface Handles {
  readonly descriptors: number;
  readonly udpSockets: number;
  readonly tcpConnected: number;
  readonly processes: number;
}

/** Curves by name; x in minutes since the sampler was made. */
export type SoakCurves = ReadonlyMap<string, BoundedSeries>;

/** Samples one server. The bench's own memory is watched with it, to tell its leaks from the server's. */
export class SoakSampler {
  readonly #pid: number;
  readonly #origin: string;
  readonly #startedAt = performance.now();
  readonly #curves = new Map<string, BoundedSeries>();
  #failures = 0;

  constructor(server: { readonly pid: number; readonly origin: string }) {
    this.#pid = server.pid;
    this.#origin = server.origin;
  }

  get curves(): SoakCurves {
    return this.#curves;
  }

  /** Scrapes that were not answered. */
  get failures(): number {
    return this.#failures;
  }

  get minutes(): number {
    return (performance.now() - this.#startedAt) / 60_000;
  }

  /** Takes one sample. */
  async sample(): Promise<void> {
    const minutes = this.minutes;
    const add = (name: string, value: number | undefined) => {
      if (value !== undefined && Number.isFinite(value)) this.curve(name).add(minutes, value);
    };
    const resources = treeResources(this.#pid);
    const memory = new Map<string, number>();
    for (const { name, rssBytes } of resources.processes)
      memory.set(name, (memory.get(name) ?? 0) + rssBytes / 1e6);
    for (const [name, megabytes] of memory) add(`memory-${name}`, megabytes);
    add('memory-bench', process.memoryUsage.rss() / 1e6);
    for (const [name, count] of Object.entries(handlesOf(resources))) add(name, count);
    try {
      const metrics = await ServerMetrics.scrape(this.#origin);
      add('heap', (metrics.find('nodejs_heap_size_used_bytes') ?? Number.NaN) / 1e6);
      add('external', (metrics.find('nodejs_external_memory_bytes') ?? Number.NaN) / 1e6);
      add('eventLoopMax', metrics.eventLoopMaxMs);
      add('websockets', metrics.find('barrage_websocket_connections'));
      add('buffered', metrics.find('barrage_websocket_buffered_bytes'));
      add('refusals', metrics.sum('barrage_refusals_total'));
      add('thinned', metrics.sum('barrage_chat_thinned_total'));
    } catch {
      this.#failures++;
    }
  }

  /** The curve of a name, empty when it is new. */
  curve(name: string): BoundedSeries {
    const found = this.#curves.get(name);
    if (found) return found;
    const curve = new BoundedSeries();
    this.#curves.set(name, curve);
    return curve;
  }
}

/** What the tree of a process holds now. */
export function readHandles(pid: number): Handles {
  return handlesOf(treeResources(pid));
}

function handlesOf(resources: ReturnType<typeof treeResources>): Handles {
  const { descriptors, udpSockets, tcpConnected, processes } = resources;
  return { descriptors, udpSockets, tcpConnected, processes: processes.length };
}
