// Notes when the first and the last packet of each picture of an RTP stream arrived. Does not reorder: on the
// one machine a bench runs on, packets of a socket come in order or not at all.
import { markOfPayload } from './picture-mark.ts';
import type { RtpView } from './rtp-view.ts';

/** Numbers of one picture in {@link PictureArrivals.take}. */
export const ARRIVAL_FIELDS = 3;

/** Pictures of one viewer; bounded by whoever takes them regularly and by {@link MAX_PICTURES}. */
const MAX_PICTURES = 20_000;

/** One viewer's pictures. */
export class PictureArrivals {
  #timestamp: number | undefined;
  #firstUs = 0;
  #mark: number | undefined;
  #done: number[] = [];

  /** Takes a packet that arrived at `nowUs` (the machine's monotonic clock). */
  add(packet: RtpView, nowUs: number): void {
    if (packet.timestamp !== this.#timestamp) {
      this.#timestamp = packet.timestamp;
      this.#firstUs = nowUs;
      this.#mark = undefined;
    }
    this.#mark ??= markOfPayload(packet.payload);
    if (!packet.marker) return;
    if (this.#mark !== undefined && this.#done.length < MAX_PICTURES * ARRIVAL_FIELDS) {
      this.#done.push(this.#mark, this.#firstUs, nowUs);
    }
  }

  /** Mark, first and last arrival (µs) of each picture that was completed since the last call, in one row. */
  take(): Float64Array {
    const done = Float64Array.from(this.#done);
    this.#done = [];
    return done;
  }
}
