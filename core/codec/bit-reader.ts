// Reads bits and bytes out of a buffer, big-endian, and refuses to read past the end. Knows no codec.
import { BarrageError } from '../errors.ts';

/**
 * Bit-wise reading of a header. Every read past the end throws `BAD_REQUEST` that names `what`, so a
 * parser on top of it never reads garbage and never throws anything else.
 */
export class BitReader {
  readonly #data: Uint8Array;
  readonly #what: string;
  #bit = 0;

  constructor(data: Uint8Array, what: string) {
    this.#data = data;
    this.#what = what;
  }

  /** Bits not read yet. */
  get left(): number {
    return this.#data.length * 8 - this.#bit;
  }

  /** The next `count` bits (0-32) as an unsigned number. */
  read(count: number): number {
    if (count > this.left) throw this.#ended();
    let value = 0;
    for (let need = count; need > 0; ) {
      const offset = this.#bit & 7;
      const take = Math.min(8 - offset, need);
      const byte = this.#data[this.#bit >> 3] as number;
      value = value * 2 ** take + ((byte >> (8 - offset - take)) & ((1 << take) - 1));
      this.#bit += take;
      need -= take;
    }
    return value;
  }

  /** One bit as a truth value. */
  flag(): boolean {
    return this.read(1) === 1;
  }

  skip(count: number): void {
    if (count > this.left) throw this.#ended();
    this.#bit += count;
  }

  /** Unsigned Exp-Golomb code, ue(v) of ITU-T H.264 9.1. */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) {
      zeros++;
      if (zeros > 31) throw new BarrageError('BAD_REQUEST', `${this.#what}: Exp-Golomb code too long`);
    }
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** Signed Exp-Golomb code, se(v) of ITU-T H.264 9.1.1. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }

  /** The next `count` whole bytes as a view; only at a byte boundary. */
  bytes(count: number): Buffer {
    const start = this.#bit >> 3;
    this.skip(count * 8);
    return Buffer.from(this.#data.buffer, this.#data.byteOffset + start, count);
  }

  #ended(): BarrageError {
    return new BarrageError('BAD_REQUEST', `${this.#what}: ends early at ${this.#data.length} bytes`);
  }
}
