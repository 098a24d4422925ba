// Which numbered events were seen: the reason none is shown twice and none is skipped unnoticed, although
// they come over a WebSocket and three data channels whose orders differ. Pure.

interface Range {
  readonly from: number;
  readonly to: number;
}

const DEFAULT_MEMORY = 4096;
const MAX_EXCUSED = 32;

/**
 * Offsets of one epoch. `floor` is the offset up to which everything was seen or excused, so it is what to
 * resume from. Remembers the last `memory` offsets one by one (default 4096); a hole older than that is
 * given up.
 */
export class OffsetTracker {
  readonly #memory: number;
  #floor = 0;
  #seen = new Set<number>();
  #excused: Range[] = [];

  constructor(memory: number = DEFAULT_MEMORY) {
    this.#memory = memory;
  }

  get floor(): number {
    return this.#floor;
  }

  /** True while something above {@link floor} was seen: an event in between is missing. */
  get hasHole(): boolean {
    for (const offset of this.#seen) if (offset > this.#floor) return true;
    return false;
  }

  /** Starts over after `floor`, as when the epoch changed. */
  reset(floor: number): void {
    this.#floor = floor;
    this.#seen = new Set();
    this.#excused = [];
  }

  /** True the first time an offset comes; false for one that was seen, or settled, before. */
  accept(offset: number): boolean {
    if (this.#seen.has(offset)) return false;
    if (offset <= this.#floor && !this.#isExcused(offset)) return false;
    this.#seen.add(offset);
    this.#advance();
    this.#forgetOldest();
    return true;
  }

  /** Nothing in `from..to` is waited for any longer; an offset in there that still comes counts as new. */
  excuse(from: number, to: number): void {
    if (to < from) return;
    this.#excused.push({ from, to });
    if (this.#excused.length > MAX_EXCUSED) this.#excused.shift();
    if (from <= this.#floor + 1 && to > this.#floor) this.#floor = to;
    this.#advance();
  }

  /** The server said that nothing up to `offset` is outstanding. */
  settle(offset: number): void {
    if (offset > this.#floor) this.#floor = offset;
    this.#advance();
  }

  #isExcused(offset: number): boolean {
    return this.#excused.some((range) => offset >= range.from && offset <= range.to);
  }

  #advance(): void {
    for (;;) {
      const next = this.#floor + 1;
      const excused = this.#excused.find((range) => next >= range.from && next <= range.to);
      if (excused) this.#floor = excused.to;
      else if (this.#seen.has(next)) this.#floor = next;
      else return;
    }
  }

  #forgetOldest(): void {
    if (this.#seen.size <= this.#memory) return;
    const [oldest] = this.#seen;
    if (oldest === undefined) return;
    this.#seen.delete(oldest);
    this.settle(oldest);
  }
}
