// One release pace for everything a room sends: units leave at their media time plus one common delay, so
// that sound and all sizes of the picture stay in step however late each arrives. Pure: it is told the time.

/** Bounds and speeds of a {@link Pacer}; all optional. */
export interface PacerOptions {
  /** Largest common delay; a unit later than this leaves at once. Default 1.5 s. */
  readonly maxDelayUs?: number;
  /** A lane's lateness counts for this long. Default 3 s. */
  readonly windowUs?: number;
  /** How fast the delay falls, seconds per second. Default 0.1: a tenth faster than real time. */
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
  fallRate: 0.1,
  settlingFallRate: 0.5,
  settlingUs: 6_000_000,
  maxUnitsPerLane: 512,
} as const satisfies Required<PacerOptions>;

/** Sub-windows of the lateness window: its maximum is known to a tenth of its length. */
const BUCKETS = 10;
/** Of which only the newest count while settling, when a lateness of the start is no forecast. */
const SETTLING_BUCKETS = 2;
/** A pause of a lane longer than this starts the settling anew (publisher or transcoder came back). */
const IDLE_US = 1_000_000;

/** What to hand to {@link Pacer.push}. */
export interface PacedUnit<T> {
  readonly lane: string;
  /** Media time, microseconds since the Unix epoch. */
  readonly ptsUs: number;
  readonly item: T;
}

interface Queued<T> {
  readonly ptsUs: number;
  readonly arrivedUs: number;
  readonly item: T;
}

interface Lane<T> {
  lastPushUs: number;
  readonly queue: Queued<T>[];
  /** Largest lateness of each sub-window, with the sub-window's number. */
  readonly lateness: { bucket: number; maxUs: number }[];
}

/**
 * Holds units until `ptsUs + delayUs`. The delay is the largest lateness (arrival minus media time) that
 * any lane has shown within the window: it rises at once, falls slowly, and is never larger than the real
 * skew asks for. A lane that falls silent stops counting after the window and holds nobody back, since
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
    const lane: Lane<T> = { lastPushUs: Number.NEGATIVE_INFINITY, queue: [], lateness: [] };
    this.#lanes.set(name, lane);
    return lane;
  }

  #observe(lane: Lane<T>, latenessUs: number, nowUs: number): void {
    const capped = Math.min(Math.max(latenessUs, 0), this.#options.maxDelayUs);
    const bucket = Math.floor((nowUs * BUCKETS) / this.#options.windowUs);
    const last = lane.lateness.at(-1);
    if (last?.bucket === bucket) last.maxUs = Math.max(last.maxUs, capped);
    else lane.lateness.push({ bucket, maxUs: capped });
    if (capped > this.#delayUs) {
      this.#delayUs = capped;
      this.#adjustedUs = nowUs;
    }
  }

  // Falls towards the window's maximum; rising is done by #observe.
  #adjust(nowUs: number): void {
    const elapsed = Math.max(0, nowUs - this.#adjustedUs);
    this.#adjustedUs = nowUs;
    const settling = nowUs < this.#settlingUntilUs;
    const rate = settling ? this.#options.settlingFallRate : this.#options.fallRate;
    const target = this.#wantedUs(nowUs, settling ? SETTLING_BUCKETS : BUCKETS);
    this.#delayUs = Math.max(target, this.#delayUs - elapsed * rate);
  }

  #wantedUs(nowUs: number, buckets: number): number {
    const current = Math.floor((nowUs * BUCKETS) / this.#options.windowUs);
    let wanted = 0;
    for (const lane of this.#lanes.values()) {
      while (lane.lateness[0] && lane.lateness[0].bucket <= current - BUCKETS) lane.lateness.shift();
      for (const each of lane.lateness) {
        if (each.bucket > current - buckets) wanted = Math.max(wanted, each.maxUs);
      }
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
