// One release pace for everything a room sends: units leave at their media time plus one common delay, so
// that sound and all sizes of the picture stay in step however late each arrives. Pure: it is told the time.

/** Bounds and speeds of a {@link Pacer}; all optional. */
export interface PacerOptions {
  /** Largest common delay; a unit later than this leaves at once. Default 1.5 s. */
  readonly maxDelayUs?: number;
  /** A lane's lateness counts for this long. Default 3 s. */
  readonly windowUs?: number;
  /** How fast the delay rises to a lateness that lasts, seconds per second. Default 0.1. */
  readonly riseRate?: number;
  /** How fast it falls. Default 0.2: a fifth faster than real time. */
  readonly fallRate?: number;
  /** The same while a start-up burst is worked off: for `settlingUs` after a lane's first unit. Default 0.5. */
  readonly settlingFallRate?: number;
  /** Default 6 s. */
  readonly settlingUs?: number;
  /** Units a lane may hold; one more pushes the oldest out early. Default 512. */
  readonly maxUnitsPerLane?: number;
}

const DEFAULTS = {
  maxDelayUs: 1_500_000,
  windowUs: 3_000_000,
  riseRate: 0.1,
  fallRate: 0.2,
  settlingFallRate: 0.5,
  settlingUs: 6_000_000,
  maxUnitsPerLane: 512,
} as const satisfies Required<PacerOptions>;

/** Sub-windows of the lateness window: its maximum is known to a tenth of its length. */
const BUCKETS = 10;
/** A lateness seen in fewer sub-windows than this is a hiccup: receivers bear it better than a longer delay. */
const LASTING_BUCKETS = 3;
/** Of the sub-windows only the newest count while settling, when a lateness of the start is no forecast. */
const SETTLING_BUCKETS = 2;
/** A pause of a lane longer than this starts the settling anew (publisher or transcoder came back). */
const IDLE_US = 1_000_000;

/** What to hand to {@link Pacer.push}. */
export interface PacedUnit<T> {
  readonly lane: string;
  /** Media time, microseconds since the Unix epoch. */
  readonly ptsUs: number;
  /**
   * Whether the lane's units should leave evenly, which sound should: then the delay covers the lane's own
   * jitter. Else it covers only what all of the lane is late by, and receivers smooth the rest. Default true.
   */
  readonly even?: boolean;
  readonly item: T;
}

interface Queued<T> {
  readonly ptsUs: number;
  readonly arrivedUs: number;
  readonly item: T;
}

interface Lane<T> {
  lastPushUs: number;
  even: boolean;
  readonly queue: Queued<T>[];
  /** Smallest and largest lateness of each sub-window, with the sub-window's number. */
  readonly lateness: { bucket: number; minUs: number; maxUs: number }[];
}

/**
 * Holds units until `ptsUs + delayUs`. The delay follows the largest lateness (arrival minus media time)
 * that lasts in any lane within the window, slowly in both directions, so that sound has neither holes nor
 * bursts made by us; a lane that need not be even counts with its smallest lateness, so that its jitter
 * holds nobody. While a stream starts the delay follows at once. A lane that falls silent stops counting after the window and holds nobody back, since
 * units wait for a time and never for each other.
 */
export class Pacer<T> {
  readonly #options: Required<PacerOptions>;
  readonly #lanes = new Map<string, Lane<T>>();
  #delayUs = 0;
  #adjustedUs = 0;
  #settlingUntilUs = 0;
  #overflowed = 0;

  constructor(options: PacerOptions = {}) {
    this.#options = { ...DEFAULTS, ...options };
  }

  /** The common delay now, microseconds. */
  get delayUs(): number {
    return this.#delayUs;
  }

  /** Units waiting. */
  get length(): number {
    let length = 0;
    for (const lane of this.#lanes.values()) length += lane.queue.length;
    return length;
  }

  /** Units that a full lane pushed out before their time. */
  get overflowed(): number {
    return this.#overflowed;
  }

  /** Takes a unit. Answers units that must leave now because their lane is full (normally none). */
  push(unit: PacedUnit<T>, nowUs: number): T[] {
    const { lane: name, ptsUs, item } = unit;
    const lane = this.#getLane(name);
    lane.even = unit.even ?? true;
    if (nowUs - lane.lastPushUs > IDLE_US) this.#settlingUntilUs = nowUs + this.#options.settlingUs;
    lane.lastPushUs = nowUs;
    this.#observe(lane, nowUs - ptsUs, nowUs);
    lane.queue.push({ ptsUs, arrivedUs: nowUs, item });
    if (lane.queue.length <= this.#options.maxUnitsPerLane) return [];
    this.#overflowed++;
    return lane.queue.splice(0, 1).map((queued) => queued.item);
  }

  /** The units whose time has come, by due time; a lane's own order is always kept. */
  takeDue(nowUs: number): T[] {
    this.#adjust(nowUs);
    const due: T[] = [];
    for (;;) {
      const next = this.#earliest();
      if (!next || next.dueUs > nowUs) return due;
      const queued = next.lane.queue.shift();
      if (queued) due.push(queued.item);
    }
  }

  /** When {@link takeDue} will next have something; undefined when nothing waits. */
  nextDueUs(): number | undefined {
    return this.#earliest()?.dueUs;
  }

  /** Forgets a lane and answers what it still held, in order. */
  removeLane(name: string): T[] {
    const lane = this.#lanes.get(name);
    this.#lanes.delete(name);
    return lane ? lane.queue.map((queued) => queued.item) : [];
  }

  #getLane(name: string): Lane<T> {
    const found = this.#lanes.get(name);
    if (found) return found;
    const lane: Lane<T> = { lastPushUs: Number.NEGATIVE_INFINITY, even: true, queue: [], lateness: [] };
    this.#lanes.set(name, lane);
    return lane;
  }

  #observe(lane: Lane<T>, latenessUs: number, nowUs: number): void {
    const capped = Math.min(Math.max(latenessUs, 0), this.#options.maxDelayUs);
    const bucket = Math.floor((nowUs * BUCKETS) / this.#options.windowUs);
    const last = lane.lateness.at(-1);
    if (last?.bucket === bucket) {
      last.maxUs = Math.max(last.maxUs, capped);
      last.minUs = Math.min(last.minUs, capped);
    } else lane.lateness.push({ bucket, minUs: capped, maxUs: capped });
    if (nowUs < this.#settlingUntilUs && capped > this.#delayUs) {
      this.#delayUs = capped;
      this.#adjustedUs = nowUs;
    }
  }

  #adjust(nowUs: number): void {
    const elapsed = Math.max(0, nowUs - this.#adjustedUs);
    this.#adjustedUs = nowUs;
    const current = Math.floor((nowUs * BUCKETS) / this.#options.windowUs);
    if (nowUs < this.#settlingUntilUs) {
      const floor = this.#delayUs - elapsed * this.#options.settlingFallRate;
      this.#delayUs = Math.max(this.#wantedUs(current, 'settling'), floor);
      return;
    }
    const { riseRate, fallRate } = this.#options;
    const wanted = this.#wantedUs(current, 'settled');
    const [least, most] = [this.#delayUs - elapsed * fallRate, this.#delayUs + elapsed * riseRate];
    this.#delayUs = Math.min(Math.max(wanted, least), most);
  }

  /** The largest lateness that enough of the newest sub-windows of a lane have seen. */
  #wantedUs(current: number, phase: 'settling' | 'settled'): number {
    const [buckets, lasting] = phase === 'settling' ? [SETTLING_BUCKETS, 1] : [BUCKETS, LASTING_BUCKETS];
    let wanted = 0;
    for (const lane of this.#lanes.values()) {
      while (lane.lateness[0] && lane.lateness[0].bucket <= current - BUCKETS) lane.lateness.shift();
      // A burst of the start is worked off evenly whatever the lane holds.
      const covered = lane.even || phase === 'settling' ? 'maxUs' : 'minUs';
      const seen = lane.lateness
        .filter((each) => each.bucket > current - buckets)
        .map((each) => each[covered])
        .sort((a, b) => b - a);
      wanted = Math.max(wanted, seen[Math.min(lasting, seen.length) - 1] ?? 0);
    }
    return wanted;
  }

  #earliest(): { lane: Lane<T>; dueUs: number } | undefined {
    let earliest: { lane: Lane<T>; dueUs: number } | undefined;
    for (const lane of this.#lanes.values()) {
      const head = lane.queue[0];
      if (!head) continue;
      // A unit stamped in the future must not be held without bound.
      const dueUs = Math.min(head.ptsUs + this.#delayUs, head.arrivedUs + this.#options.maxDelayUs);
      if (!earliest || dueUs < earliest.dueUs) earliest = { lane, dueUs };
    }
    return earliest;
  }
}
