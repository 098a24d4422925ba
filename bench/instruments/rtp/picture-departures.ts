// When pictures left the publisher, by their marks; and from that what viewers' arrivals make of delay.
import type { LatencyHistogram } from '../latency-histogram.ts';
import { ARRIVAL_FIELDS } from './picture-arrivals.ts';

/** Departures remembered of one mark: a looped clip sends each picture again and again. */
const REMEMBERED = 8;

/** Where the delays of {@link PictureDepartures.match} go. */
export interface DelayHistograms {
  /** From the departure of a picture to the arrival of its first packet. */
  readonly first: LatencyHistogram;
  /** To the arrival of its last packet. */
  readonly last: LatencyHistogram;
}

/** The departures of one publisher. Memory is bounded by the clip's number of pictures. */
export class PictureDepartures {
  readonly #times = new Map<number, number[]>();
  #count = 0;

  /** Pictures that left so far. */
  get count(): number {
    return this.#count;
  }

  /** Notes that a picture left at `atUs` (the machine's monotonic clock). */
  note(mark: number, atUs: number): void {
    this.#count++;
    const times = this.#times.get(mark) ?? [];
    times.push(atUs);
    if (times.length > REMEMBERED) times.shift();
    this.#times.set(mark, times);
  }

  /** Records the delays of a row of arrivals; returns how many pictures are not known here. */
  match(arrivals: Float64Array, delays: DelayHistograms): number {
    let unknown = 0;
    for (let at = 0; at < arrivals.length; at += ARRIVAL_FIELDS) {
      const [mark, firstUs, lastUs] = arrivals.subarray(at, at + ARRIVAL_FIELDS);
      const leftUs = this.#closest(mark ?? 0, firstUs ?? 0);
      if (leftUs === undefined) unknown++;
      else {
        delays.first.record(((firstUs ?? 0) - leftUs) / 1000);
        delays.last.record(((lastUs ?? 0) - leftUs) / 1000);
      }
    }
    return unknown;
  }

  // The nearest, not the last before: the note of a departure may itself be a little late.
  #closest(mark: number, arrivedUs: number): number | undefined {
    const times = this.#times.get(mark) ?? [];
    const distance = (timeUs: number) => Math.abs(arrivedUs - timeUs);
    return times.reduce<number | undefined>(
      (best, timeUs) => (best === undefined || distance(timeUs) < distance(best) ? timeUs : best),
      undefined,
    );
  }
}
