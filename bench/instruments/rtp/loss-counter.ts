// Counts lost RTP packets of one stream by sequence numbers, as a receiver report does (RFC 3550 A.1 and A.3),
// but tells duplicates apart instead of setting them off against losses.

/** Packets back from the highest one that are told apart; older ones count as too late. */
const WINDOW = 4096;
/** A step forward of at least this much is a packet from before the wrap, not a jump. */
const HALF = 0x8000;

/** Totals of a stream since its first packet; subtract two for the time between them. */
export interface LossCounts {
  /** Sequence numbers from the first to the highest packet. */
  readonly expected: number;
  /** Different packets among them. */
  readonly received: number;
  readonly duplicates: number;
  /** Packets older than the counter remembers: they count as lost. */
  readonly tooLate: number;
}

/** Counts one SSRC. Reordered packets are found as long as they are at most {@link WINDOW} behind. */
export class LossCounter {
  /** Which of the newest sequence numbers came; the slot of a number is its remainder. */
  readonly #seen = new Uint8Array(WINDOW);
  #first: number | undefined;
  /** Extended: wraps are counted in. */
  #highest = 0;
  #received = 0;
  #duplicates = 0;
  #tooLate = 0;

  /** Takes the sequence number (0-65535) of a packet. */
  count(sequenceNumber: number): void {
    if (this.#first === undefined) {
      this.#first = sequenceNumber;
      this.#highest = sequenceNumber;
      this.#mark(sequenceNumber);
      return;
    }
    const ahead = (sequenceNumber - this.#highest) & 0xffff;
    if (ahead !== 0 && ahead < HALF) this.#advance(this.#highest + ahead);
    else this.#countLate(this.#highest - ((this.#highest - sequenceNumber) & 0xffff));
  }

  counts(): LossCounts {
    return {
      expected: this.#first === undefined ? 0 : this.#highest - this.#first + 1,
      received: this.#received,
      duplicates: this.#duplicates,
      tooLate: this.#tooLate,
    };
  }

  #advance(extended: number): void {
    const from = Math.max(this.#highest + 1, extended - WINDOW + 1);
    for (let number = from; number <= extended; number++) this.#seen[number % WINDOW] = 0;
    this.#highest = extended;
    this.#mark(extended);
  }

  #countLate(extended: number): void {
    if (extended < (this.#first ?? 0) || extended <= this.#highest - WINDOW) this.#tooLate++;
    else if (this.#seen[extended % WINDOW] === 1) this.#duplicates++;
    else this.#mark(extended);
  }

  #mark(extended: number): void {
    this.#seen[extended % WINDOW] = 1;
    this.#received++;
  }
}
