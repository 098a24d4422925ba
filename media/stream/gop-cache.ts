// The units since the last key frame, so that a sink that starts late (a transcoder that restarts)
// need not wait for the next one. Bounded in bytes: an endless group of pictures is not kept at all.
import type { AccessUnit } from '../../core/access-unit.ts';

/** How many audio frames are kept: a second or so, there being no group of pictures to follow. */
const AUDIO_UNITS = 50;

/** Keeps one group of pictures of at most `maxBytes`. */
export class GopCache {
  readonly #maxBytes: number;
  #units: AccessUnit[] = [];
  #bytes = 0;
  #overflowed = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Oldest first, starting with a key frame; empty when there is none or it grew too large. */
  get units(): readonly AccessUnit[] {
    return this.#units;
  }

  add(unit: AccessUnit, everyUnitIsKey: boolean): void {
    if (this.#maxBytes === 0) return;
    if (everyUnitIsKey) {
      if (this.#units.length >= AUDIO_UNITS) this.#units.shift();
      this.#units.push(unit);
      return;
    }
    if (unit.key) this.clear();
    else if (this.#units.length === 0) return;
    this.#bytes += unit.data.length;
    if (this.#bytes > this.#maxBytes) this.#overflowed = true;
    if (this.#overflowed) this.#units = [];
    else this.#units.push(unit);
  }

  clear(): void {
    this.#units = [];
    this.#bytes = 0;
    this.#overflowed = false;
  }
}
