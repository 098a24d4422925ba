// How hard a stretch of a run was on the server: its memory and its event loop at their worst.
import { readProcess } from './process-tree.ts';
import { ServerMetrics } from './server-metrics.ts';

const EVERY_MS = 500;

/** The server watched; asked for anew each time, since it may be another one after a restart. */
export interface Watched {
  /** Undefined for a server elsewhere. */
  pid(): number | undefined;
  readonly origin: string;
}

/** Maxima of a stretch. */
export interface Strain {
  /** Memory of the server's own process (not its children), bytes; NaN when it cannot be seen. */
  readonly peakRssBytes: number;
  readonly peakEventLoopMs: number;
}

/** Watches from its making until disposed of. */
export class StrainWatch {
  readonly #watched: Watched;
  readonly #timer: NodeJS.Timeout;
  #asking = false;
  #peakRssBytes = Number.NaN;
  #peakEventLoopMs = Number.NaN;

  private constructor(watched: Watched) {
    this.#watched = watched;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  /** Starts over: the delay counts from the last scrape, so one is thrown away. */
  static async start(watched: Watched): Promise<StrainWatch> {
    await ServerMetrics.scrape(watched.origin).catch(() => undefined);
    return new StrainWatch(watched);
  }

  async read(): Promise<Strain> {
    await this.#look();
    return { peakRssBytes: this.#peakRssBytes, peakEventLoopMs: this.#peakEventLoopMs };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const pid = this.#watched.pid();
    const rss = pid === undefined ? undefined : readProcess(pid)?.rssBytes;
    if (rss !== undefined) this.#peakRssBytes = larger(this.#peakRssBytes, rss);
    try {
      const { eventLoopMaxMs } = await ServerMetrics.scrape(this.#watched.origin);
      this.#peakEventLoopMs = larger(this.#peakEventLoopMs, eventLoopMaxMs);
    } catch {
      // It is down for the moment, which is what is being measured.
    }
    this.#asking = false;
  }
}

function larger(a: number, b: number): number {
  return Number.isNaN(a) ? b : Math.max(a, b);
}
