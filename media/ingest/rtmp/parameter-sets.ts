// The parameter sets of one kind that are in force, by their id. Bounded; a damaged set is passed over.
import { BarrageError } from '../../../core/errors.ts';

/** Keeps the newest set of each id, in order of first appearance. */
export class ParameterSets {
  readonly #max: number;
  readonly #idOf: (nal: Buffer) => number;
  readonly #byId = new Map<number, Buffer>();

  /** @param idOf id of a set; throws `BAD_REQUEST` when the set is damaged */
  constructor(max: number, idOf: (nal: Buffer) => number) {
    this.#max = max;
    this.#idOf = idOf;
  }

  get nals(): readonly Buffer[] {
    return [...this.#byId.values()];
  }

  /** Forgets all sets and takes those of a configuration record. */
  replace(nals: readonly Buffer[]): void {
    this.#byId.clear();
    for (const nal of nals) this.add(nal);
  }

  /** Takes a set; true when it is new or differs from the one of its id. */
  add(nal: Buffer): boolean {
    const id = this.#readId(nal);
    if (id === undefined || this.#byId.get(id)?.equals(nal)) return false;
    if (!this.#byId.has(id) && this.#byId.size >= this.#max) return false;
    this.#byId.set(id, Buffer.from(nal));
    return true;
  }

  #readId(nal: Buffer): number | undefined {
    try {
      return this.#idOf(nal);
    } catch (error) {
      if (error instanceof BarrageError) return undefined;
      throw error;
    }
  }
}
