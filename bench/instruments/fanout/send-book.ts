// What was sent in one stretch and what became of it.
import { LatencyHistogram } from '../latency-histogram.ts';
import type { SendReply } from './dialect.ts';
import { monotonicUs } from './monotonic.ts';
import type { SendOutcome } from './sender-methods.ts';

/** Danmaku of one stretch, by their command ids. */
export class SendBook {
  readonly #roundTrip = new LatencyHistogram();
  readonly #underWay = new Map<number, number>();
  readonly #refused: Record<string, number> = {};
  readonly #startedUs = monotonicUs();
  #endedUs = this.#startedUs;
  #offered = 0;
  #accepted = 0;
  #highest: number;

  /** `highest` is the highest number a danmaku got before. */
  constructor(highest: number) {
    this.#highest = highest;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  get highest(): number {
    return this.#highest;
  }

  /** Notes a danmaku that was due at `dueUs`. Call it before sending: a reply may come at once. */
  send(id: number, dueUs: number): void {
    this.#offered++;
    this.#underWay.set(id, dueUs);
    this.#endedUs = monotonicUs();
  }

  /** Notes a reply; false when it belongs to another stretch. */
  settle({ id, offset, error }: SendReply): boolean {
    const dueUs = this.#underWay.get(id);
    if (dueUs === undefined) return false;
    this.#underWay.delete(id);
    if (offset === undefined) {
      const code = error ?? 'unknown';
      this.#refused[code] = (this.#refused[code] ?? 0) + 1;
    } else {
      this.#accepted++;
      this.#highest = Math.max(this.#highest, offset);
      this.#roundTrip.record((monotonicUs() - dueUs) / 1000);
    }
    return true;
  }

  /** `cutOff` senders have lost their connection. */
  outcome(cutOff = 0): SendOutcome {
    return {
      offered: this.#offered,
      accepted: this.#accepted,
      refused: this.#refused,
      unanswered: this.underWay,
      cutOff,
      offset: this.#highest,
      seconds: (this.#endedUs - this.#startedUs) / 1e6,
      roundTrip: this.#roundTrip.encode(),
    };
  }
}
