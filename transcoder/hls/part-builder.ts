// Collects the samples of one part and writes them as a fragment. It does not know of segments.
import { buildFragment, type FragmentUnit } from '../cmaf/fragment.ts';
import { ticksToUs, usToTicks } from './ticks.ts';

/** A finished part without its place in a segment. */
export interface BuiltPart {
  readonly durationUs: number;
  readonly independent: boolean;
  readonly bytes: Buffer;
}

export interface PartBuilderOptions {
  readonly timescale: number;
  readonly partMs: number;
}

/** Fills parts up to the target duration, to the nearest whole sample. */
export class PartBuilder {
  readonly #timescale: number;
  readonly #targetTicks: number;
  #samples: FragmentUnit[] = [];
  #duration = 0;

  constructor({ timescale, partMs }: PartBuilderOptions) {
    this.#timescale = timescale;
    this.#targetTicks = usToTicks(partMs * 1000, timescale);
  }

  /** Adds a sample; true when the part is full: another one like it would overshoot by more than half. */
  add(sample: FragmentUnit): boolean {
    this.#samples.push(sample);
    this.#duration += sample.duration;
    return this.#duration + sample.duration / 2 > this.#targetTicks;
  }

  /** The part so far, and an empty builder; undefined when there is none. */
  take(sequenceNumber: number): BuiltPart | undefined {
    const first = this.#samples[0];
    if (!first) return undefined;
    const part = {
      durationUs: ticksToUs(this.#duration, this.#timescale),
      independent: first.key,
      bytes: buildFragment({ sequenceNumber, trackId: 1, units: this.#samples }),
    };
    this.#samples = [];
    this.#duration = 0;
    return part;
  }
}
