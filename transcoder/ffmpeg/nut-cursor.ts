// Reads the number formats of NUT from a buffer that may not be whole yet. No knowledge of packets.

const CONTINUE = 0x80;
const MAX_VARINT_BYTES = 8;

/**
 * A forward reader. Reading past the end answers 0 and sets `short`, so that a parser may run through a
 * header first and ask once whether there was enough.
 */
export class NutCursor {
  readonly #data: Buffer;
  #offset: number;
  #short = false;

  constructor(data: Buffer, offset = 0) {
    this.#data = data;
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Whether a read went past the end. */
  get short(): boolean {
    return this.#short;
  }

  /** Next byte. */
  u8(): number {
    if (this.#offset >= this.#data.length) {
      this.#short = true;
      return 0;
    }
    return this.#data[this.#offset++] as number;
  }

  /** `v`: 7 bits a byte, most significant first; at most 8 bytes, beyond 2^53 not exact. */
  unsigned(): number {
    let value = 0;
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.u8();
      value = value * 128 + (byte & 0x7f);
      if ((byte & CONTINUE) === 0) return value;
    }
    return value;
  }

  /** `s`: a signed number folded into `v`. */
  signed(): number {
    const folded = this.unsigned() + 1;
    const half = Math.floor(folded / 2);
    return folded % 2 === 1 ? -half : half;
  }

  /** The next `length` bytes, as a view. */
  bytes(length: number): Buffer {
    const end = this.#offset + length;
    if (end > this.#data.length) this.#short = true;
    const view = this.#data.subarray(this.#offset, end);
    this.#offset = Math.min(end, this.#data.length);
    return view;
  }

  /** `vb`: a length and that many bytes. */
  block(): Buffer {
    return this.bytes(this.unsigned());
  }
}
