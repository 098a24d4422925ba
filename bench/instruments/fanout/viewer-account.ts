// What one viewer received. Whatever carries the frames hands their payloads in.
import type { LatencyHistogram } from '../latency-histogram.ts';
import type { FrameCatalog } from './frame-catalog.ts';
import { monotonicUs } from './monotonic.ts';
import { OffsetLedger } from './offset-ledger.ts';

/** What a viewer shares with the others of its crowd. */
export interface ViewerAccountOptions {
  readonly catalog: FrameCatalog;
  /** Where this viewer's latencies go, when it is one of those that measure them. */
  readonly chatLatency?: LatencyHistogram | undefined;
}

/** Counts of one viewer since the last reset. */
export class ViewerAccount {
  readonly ledger = new OffsetLedger();
  readonly #options: ViewerAccountOptions;
  frames = 0;
  events = 0;
  bytes = 0;
  /** Why the connection is gone, for example its close code; undefined while it is there. */
  lostBecause: string | undefined;

  constructor(options: ViewerAccountOptions) {
    this.#options = options;
  }

  /** Takes the payload of one event frame; it may be a view of a buffer that is written over later. */
  receive(payload: Buffer): void {
    const { run, thinned, sentUs } = this.#options.catalog.lookUp(payload);
    this.frames++;
    this.bytes += payload.length;
    if (run) {
      this.events += run.count;
      this.ledger.add(run);
    }
    if (thinned > 0) this.ledger.claim(thinned);
    const { chatLatency } = this.#options;
    if (!chatLatency || sentUs.length === 0) return;
    const nowUs = monotonicUs();
    for (const us of sentUs) chatLatency.record((nowUs - us) / 1000);
  }

  /** The connection is gone. */
  lose(reason: string): void {
    this.lostBecause ??= reason;
  }

  reset(offset: number): void {
    this.frames = 0;
    this.events = 0;
    this.bytes = 0;
    this.ledger.reset(offset);
  }
}
