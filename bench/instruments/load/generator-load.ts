// How busy a load generator is, so that a report can say when it measured the generator instead of the server.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** Above this share of time busy a single-threaded generator is no longer on time. */
const SATURATED_UTILIZATION = 0.9;
/** Above this delay of its timers its own latency would be part of what it measures. */
const SATURATED_DELAY_MS = 50;

/** The load of the generator over a stretch of a run; of several, the busiest. */
export interface GeneratorLoad {
  /** Share of the time its event loop was busy, 0 to 1. */
  readonly utilization: number;
  /** 99th percentile of how late its timers ran, ms. */
  readonly delayP99Ms: number;
}

/** Measures the event loop it runs on, from its making or the last `take`. */
export class GeneratorLoadMeter {
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  #since = performance.eventLoopUtilization();

  constructor() {
    this.#delay.enable();
  }

  /** The load since the last call; starts anew. */
  take(): GeneratorLoad {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, this.#since);
    this.#since = now;
    const delayP99Ms = Math.max(0, this.#delay.percentile(99) / 1e6 - 10);
    this.#delay.reset();
    return { utilization, delayP99Ms };
  }

  close(): void {
    this.#delay.disable();
  }
}

/** The busiest of several generators. */
export function busiest(loads: readonly GeneratorLoad[]): GeneratorLoad {
  return {
    utilization: Math.max(0, ...loads.map(({ utilization }) => utilization)),
    delayP99Ms: Math.max(0, ...loads.map(({ delayP99Ms }) => delayP99Ms)),
  };
}

/** What to tell the reader when the generator was too busy to be believed; undefined when it was not. */
export function describeSaturation(load: GeneratorLoad): string | undefined {
  const busy = `${Math.round(load.utilization * 100)}% busy, its timers ${load.delayP99Ms.toFixed(0)} ms late at p99`;
  const saturated = load.utilization > SATURATED_UTILIZATION || load.delayP99Ms > SATURATED_DELAY_MS;
  return saturated ? `The load generator was saturated (${busy}): latencies include its own.` : undefined;
}
