// What waits to be read by ffmpeg: fragments on their way to stdin, within bounds. When ffmpeg is too slow
// pictures are dropped up to the next key frame and counted; sound is kept.
import { Readable } from 'node:stream';
import { BoundedQueue } from '../../core/bounded-queue.ts';

/** One fragment of the input. */
export interface QueuedFragment {
  readonly kind: 'video' | 'audio';
  readonly key: boolean;
  readonly bytes: Buffer;
  /** When it has waited too long, in ms of the same clock as `nowMs`. */
  readonly dueMs: number;
}

/** Bounds of a {@link StdinQueue}. */
export interface StdinQueueOptions {
  /** First bytes of the stream. */
  readonly head: Buffer;
  readonly maxItems?: number;
  readonly maxBytes?: number;
}

const MAX_ITEMS = 2_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** A readable that is pulled by ffmpeg; its own bounded queue is all that waits, beside the pipe itself. */
export class StdinQueue {
  readonly readable: Readable;
  readonly #queue: BoundedQueue<QueuedFragment>;
  #isWanted = false;
  #isEnded = false;
  /** Before the first key frame there is nothing to lose; `skipping` counts what it throws away. */
  #video: 'starting' | 'flowing' | 'skipping' = 'starting';
  #dropped = 0;

  constructor({ head, maxItems = MAX_ITEMS, maxBytes = MAX_BYTES }: StdinQueueOptions) {
    this.#queue = new BoundedQueue({ maxItems, maxBytes, sizeOf: ({ bytes }) => bytes.length });
    this.readable = new Readable({ highWaterMark: 1, read: () => this.#read() });
    this.readable.push(head);
  }

  /** Fragments dropped because ffmpeg did not keep up. */
  get dropped(): number {
    return this.#dropped;
  }

  get length(): number {
    return this.#queue.length;
  }

  /** Takes a fragment; answers how many were dropped because of it. */
  push(fragment: QueuedFragment, nowMs: number): number {
    const oldest = this.#queue.peek();
    let dropped = oldest !== undefined && oldest.dueMs < nowMs ? this.#dropVideo() : 0;
    if (this.#isSkipped(fragment)) return this.#count(dropped + (this.#video === 'skipping' ? 1 : 0));
    if (!this.#queue.push(fragment)) {
      dropped += this.#makeRoom();
      if (this.#isSkipped(fragment) || !this.#queue.push(fragment)) return this.#count(dropped + 1);
    }
    if (fragment.kind === 'video') this.#video = 'flowing';
    if (this.#isWanted) this.#read();
    return this.#count(dropped);
  }

  /** Ends the input: ffmpeg finishes what it has and exits. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#queue.clear();
    this.readable.push(null);
  }

  #isSkipped({ kind, key }: QueuedFragment): boolean {
    return kind === 'video' && !key && this.#video !== 'flowing';
  }

  #count(dropped: number): number {
    this.#dropped += dropped;
    return dropped;
  }

  #dropVideo(): number {
    const waiting = this.#drain();
    for (const item of waiting) if (item.kind === 'audio') this.#queue.push(item);
    const dropped = waiting.length - this.#queue.length;
    if (dropped > 0) this.#video = 'skipping';
    return dropped;
  }

  /** Makes room in a full queue: pictures first; sound alone, when ffmpeg stands still, loses its older half. */
  #makeRoom(): number {
    const pictures = this.#dropVideo();
    if (pictures > 0) return pictures;
    const waiting = this.#drain();
    const newer = waiting.slice(Math.ceil(waiting.length / 2));
    for (const item of newer) this.#queue.push(item);
    return waiting.length - newer.length;
  }

  #drain(): QueuedFragment[] {
    const items: QueuedFragment[] = [];
    for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) items.push(item);
    return items;
  }

  #read(): void {
    if (this.#isEnded) return;
    const next = this.#queue.shift();
    this.#isWanted = next === undefined;
    if (next !== undefined) this.readable.push(next.bytes);
  }
}
