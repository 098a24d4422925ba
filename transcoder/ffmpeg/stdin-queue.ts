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
      dropped += this.#dropVideo();
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
    const kept: QueuedFragment[] = [];
    let dropped = 0;
    for (let item = this.#queue.shift(); item !== undefined; item = this.#queue.shift()) {
      if (item.kind === 'audio') kept.push(item);
      else dropped++;
    }
    // Sound alone can fill the queue too, when ffmpeg stands still: the newest half is worth keeping.
    const audio = dropped > 0 ? kept : kept.slice(Math.ceil(kept.length / 2));
    for (const item of audio) this.#queue.push(item);
    if (dropped > 0) this.#video = 'skipping';
    return dropped + kept.length - audio.length;
  }

  #read(): void {
    if (this.#isEnded) return;
    const next = this.#queue.shift();
    this.#isWanted = next === undefined;
    if (next !== undefined) this.readable.push(next.bytes);
  }
}
