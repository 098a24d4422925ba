// Notices an ffmpeg that takes input and gives no output. Pure: it is told the time.
import type { Track } from '../../core/access-unit.ts';

type Kind = Track['kind'];

/** So many units go in before silence is suspicious: decoders and slow slide shows hold a few back. */
const MIN_UNITS = 8;
/** Until the first output ffmpeg may take so many times longer: it starts, and decodes what it was late for. */
const START_FACTOR = 4;

/** Watches picture and sound apart from each other. */
export class StallWatch {
  readonly #timeoutMs: number;
  readonly #waiting = new Map<Kind, { sinceMs: number; units: number }>();
  readonly #started = new Set<Kind>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  handleInput(kind: Kind, nowMs: number): void {
    const waiting = this.#waiting.get(kind);
    if (waiting === undefined) this.#waiting.set(kind, { sinceMs: nowMs, units: 1 });
    else waiting.units++;
  }

  handleOutput(kind: Kind): void {
    this.#waiting.delete(kind);
    this.#started.add(kind);
  }

  /** What has stalled, or undefined. */
  find(nowMs: number): { kind: Kind; forMs: number } | undefined {
    for (const [kind, { sinceMs, units }] of this.#waiting) {
      const timeoutMs = this.#started.has(kind) ? this.#timeoutMs : this.#timeoutMs * START_FACTOR;
      if (units >= MIN_UNITS && nowMs - sinceMs > timeoutMs) return { kind, forMs: nowMs - sinceMs };
    }
    return undefined;
  }
}
