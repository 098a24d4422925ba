// A first-in first-out queue with a bound in items and in bytes. It refuses, it never drops by itself:
// what to lose is the owner's decision.

/** Bounds of a {@link BoundedQueue}; `sizeOf` gives an item's bytes (default 0). */
export interface BoundedQueueOptions<T> {
  readonly maxItems: number;
  readonly maxBytes?: number;
  readonly sizeOf?: (item: T) => number;
}

/** A bounded FIFO. `push` answers false, and takes nothing, when the item would break a bound. */
export class BoundedQueue<T> {
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #sizeOf: (item: T) => number;
  #items: T[] = [];
  #head = 0;
  #bytes = 0;

  constructor(options: BoundedQueueOptions<T>) {
    this.#maxItems = options.maxItems;
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
    this.#sizeOf = options.sizeOf ?? (() => 0);
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Appends; false when full. */
  push(item: T): boolean {
    const size = this.#sizeOf(item);
    if (this.length >= this.#maxItems || this.#bytes + size > this.#maxBytes) return false;
    this.#items.push(item);
    this.#bytes += size;
    return true;
  }

  /** Removes and returns the oldest item. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#head] as T;
    this.#head++;
    this.#bytes -= this.#sizeOf(item);
    // Compacting at half keeps shift amortised O(1) without holding dead items.
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** The oldest item, left in place. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Empties the queue and returns how many items were lost. */
  clear(): number {
    const lost = this.length;
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
    return lost;
  }
}
