// The meter that remembers: plain counters by label, which metrics.ts reads out.

import { LabelledDurations } from './durations.ts';
import type { Meter, OutputKind } from './meter.ts';
import type { Lane } from './protocol/wire.ts';

/** Counters under a pair of labels. Labels come from fixed sets, so their number is bounded. */
export class LabelledCounts {
  readonly #counts = new Map<string, { readonly labels: readonly [string, string]; value: number }>();

  add(first: string, second: string, by: number): void {
    const key = `${first}|${second}`;
    const count = this.#counts.get(key);
    if (count) count.value += by;
    else this.#counts.set(key, { labels: [first, second], value: by });
  }

  entries(): { readonly labels: readonly [string, string]; readonly value: number }[] {
    return [...this.#counts.values()];
  }
}

/** Counts since the start of the server. */
export class Tally implements Meter {
  readonly events = new LabelledCounts();
  readonly refusals = new LabelledCounts();
  readonly bytesOut = new LabelledCounts();
  readonly thinned = new LabelledCounts();
  readonly closes = new LabelledCounts();
  readonly commands = new LabelledDurations();

  countEvent(type: string, lane: Lane): void {
    this.events.add(type, lane, 1);
  }

  countRefusal(surface: 'http' | 'session', code: string): void {
    this.refusals.add(surface, code, 1);
  }

  countBytesOut(kind: OutputKind, bytes: number): void {
    this.bytesOut.add(kind, '', bytes);
  }

  countThinned(scope: 'room' | 'connection', events: number): void {
    this.thinned.add(scope, '', events);
  }

  countClose(code: number): void {
    this.closes.add(String(code), '', 1);
  }

  countCommand(method: string, ms: number): void {
    this.commands.add(method, ms);
  }
}
