// Remembers what frames mean. The same bytes go to every viewer, so one reads them and the others compare: every
// viewer's every byte is checked without parsing it thousands of times.
import type { FrameSummary } from './frame-summary.ts';

/** Frames remembered; the oldest are forgotten. A viewer further behind than this many parses for itself. */
const MAX_FRAMES = 512;

interface KnownFrame {
  readonly payload: Buffer;
  readonly summary: FrameSummary;
}

/** Frames of one room by their bytes. */
export class FrameCatalog {
  readonly #read: (payload: Buffer) => FrameSummary;
  readonly #byLength = new Map<number, KnownFrame[]>();
  readonly #order: number[] = [];

  constructor(read: (payload: Buffer) => FrameSummary) {
    this.#read = read;
  }

  /** What the frame means. The payload may be a view of a buffer that is written over later. */
  lookUp(payload: Buffer): FrameSummary {
    const same = this.#byLength.get(payload.length);
    // Newest first: most viewers are at the newest. Frames differ early, in their offsets.
    const known = same?.findLast((frame) => frame.payload.equals(payload));
    return known ? known.summary : this.#remember(payload);
  }

  #remember(payload: Buffer): FrameSummary {
    const summary = this.#read(payload);
    const frame = { payload: Buffer.from(payload), summary };
    const same = this.#byLength.get(payload.length);
    if (same) same.push(frame);
    else this.#byLength.set(payload.length, [frame]);
    this.#order.push(payload.length);
    if (this.#order.length > MAX_FRAMES) this.#forgetOldest();
    return summary;
  }

  #forgetOldest(): void {
    const length = this.#order.shift() ?? 0;
    const same = this.#byLength.get(length);
    same?.shift();
    if (same?.length === 0) this.#byLength.delete(length);
  }
}
