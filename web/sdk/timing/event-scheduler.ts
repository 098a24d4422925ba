// Holds events until the viewer's playhead reaches their media time. Pure: told the time, it answers with
// what is to be shown; it has no timer and draws nothing.
import type { PlayheadReading } from './playhead.ts';

/** What an event needs to be scheduled; a danmaku of the protocol has it. Both in ms on the server's clock. */
export interface Timed {
  readonly mediaTimeMs: number;
  /** When the server accepted it. */
  readonly at: number;
}

/**
 * Why an event is released now. Worth drawing over the picture: `due` (the playhead reached it), `late` (it
 * came after its moment, but fresh), `unclocked` (the playhead is not known). Only worth listing: `missed`
 * (its moment was jumped over, or it is history), `overflow` and `expired` (held too many, or too long).
 */
export type ReleaseCause = 'due' | 'late' | 'unclocked' | 'missed' | 'overflow' | 'expired';

export interface Release<E> {
  readonly event: E;
  readonly cause: ReleaseCause;
  /** True for the causes worth drawing. */
  readonly draw: boolean;
}

/** The moment of a call: where the playhead is, and the server's time (ms). */
export interface SchedulerTime {
  readonly playhead: PlayheadReading;
  readonly serverMs: number;
}

export interface SchedulerOptions {
  /** Bound of the queue; default 500. */
  readonly maxHeld?: number;
  /**
   * A latecomer is drawn when the server accepted it at most so long ago, however old the picture its author
   * saw; older ones are history. Default 3 s.
   */
  readonly freshMs?: number;
  /** A held event is drawn when the playhead passed it by at most this between two calls; default 2 s. */
  readonly jumpMs?: number;
  /** How long the start of playback may keep events waiting for a playhead; default 3 s. */
  readonly unknownHoldMs?: number;
  /** Nothing is held longer; default 2 min. */
  readonly maxHoldMs?: number;
}

interface Held<E> {
  readonly event: E;
  readonly arrivedMs: number;
}

/** Never releases an event for drawing before a known playhead reached it. */
export class EventScheduler<E extends Timed> {
  readonly #maxHeld: number;
  readonly #freshMs: number;
  readonly #jumpMs: number;
  readonly #unknownHoldMs: number;
  readonly #maxHoldMs: number;
  /** By media time, those of the same time in order of arrival. */
  #held: Held<E>[] = [];

  constructor(options: SchedulerOptions = {}) {
    this.#maxHeld = options.maxHeld ?? 500;
    this.#freshMs = options.freshMs ?? 3000;
    this.#jumpMs = options.jumpMs ?? 2000;
    this.#unknownHoldMs = options.unknownHoldMs ?? 3000;
    this.#maxHoldMs = options.maxHoldMs ?? 120_000;
  }

  get held(): number {
    return this.#held.length;
  }

  /** Takes an event and returns what is to be shown at once: it when it is late, the oldest when full. */
  add(event: E, time: SchedulerTime): Release<E>[] {
    if (this.#isLate(event, time)) {
      const fresh = time.serverMs - event.at <= this.#freshMs;
      return [release(event, fresh ? 'late' : 'missed')];
    }
    this.#insert({ event, arrivedMs: time.serverMs });
    if (this.#held.length <= this.#maxHeld) return [];
    const oldest = this.#held.shift();
    return oldest ? [release(oldest.event, 'overflow')] : [];
  }

  /** What is to be shown now, in order of media time. Call it every frame. */
  advance(time: SchedulerTime): Release<E>[] {
    const released: Release<E>[] = [];
    this.#held = this.#held.filter((held) => {
      const cause = this.#judge(held, time);
      if (cause) released.push(release(held.event, cause));
      return cause === undefined;
    });
    return released;
  }

  #isLate(event: E, { playhead, serverMs }: SchedulerTime): boolean {
    if (playhead.state === 'idle') return true;
    if (playhead.state === 'known') return event.mediaTimeMs <= playhead.mediaMs;
    return serverMs - event.at > this.#freshMs;
  }

  #judge(held: Held<E>, { playhead, serverMs }: SchedulerTime): ReleaseCause | undefined {
    const heldMs = serverMs - held.arrivedMs;
    if (playhead.state === 'known') {
      const pastMs = playhead.mediaMs - held.event.mediaTimeMs;
      if (pastMs > this.#jumpMs) return heldMs <= this.#freshMs ? 'late' : 'missed';
      if (pastMs >= 0) return 'due';
    } else if (playhead.state === 'idle' || heldMs > this.#unknownHoldMs) {
      return heldMs <= this.#unknownHoldMs + this.#freshMs ? 'unclocked' : 'missed';
    }
    return heldMs > this.#maxHoldMs ? 'expired' : undefined;
  }

  #insert(held: Held<E>): void {
    const at = this.#held.findLastIndex((one) => one.event.mediaTimeMs <= held.event.mediaTimeMs);
    this.#held.splice(at + 1, 0, held);
  }
}

const DRAWN: ReadonlySet<ReleaseCause> = new Set<ReleaseCause>(['due', 'late', 'unclocked']);

function release<E>(event: E, cause: ReleaseCause): Release<E> {
  return { event, cause, draw: DRAWN.has(cause) };
}
