// Reads AMF0 values from untrusted bytes. Not node-media-server's decoder, which counts nested ECMA arrays
// one byte too long, has no bound on depth, and prints what it does not know. Encoding stays with it.
import { BarrageError } from '../../../core/errors.ts';

/** A decoded value; dates are ms since the Unix epoch. */
export type AmfValue = number | boolean | string | null | undefined | AmfObject | AmfValue[];

/** A decoded object or ECMA array, without a prototype. */
export interface AmfObject {
  readonly [name: string]: AmfValue;
}

const MAX_DEPTH = 16;
const MAX_VALUES = 4096;

/**
 * All values of a command or data message (AMF 0 specification section 2).
 * @throws BarrageError `BAD_REQUEST` when malformed, too deep, or with too many values
 */
export function decodeAmf0(data: Buffer): AmfValue[] {
  return new Amf0Reader(data).readAll();
}

/** A decoded value as an object, or undefined when it is something else. */
export function asAmfObject(value: AmfValue): AmfObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

class Amf0Reader {
  readonly #data: Buffer;
  #at = 0;
  #values = 0;

  constructor(data: Buffer) {
    this.#data = data;
  }

  readAll(): AmfValue[] {
    const values: AmfValue[] = [];
    while (this.#at < this.#data.length) values.push(this.#value(0));
    return values;
  }

  #value(depth: number): AmfValue {
    if (depth > MAX_DEPTH) throw new BarrageError('BAD_REQUEST', `AMF nested deeper than ${MAX_DEPTH}`);
    if (++this.#values > MAX_VALUES)
      throw new BarrageError('BAD_REQUEST', `AMF with over ${MAX_VALUES} values`);
    const marker = this.#take(1)[0] as number;
    const read = READERS[marker];
    if (!read) throw new BarrageError('BAD_REQUEST', `AMF marker 0x${marker.toString(16)}`);
    return read(this, depth);
  }

  #take(count: number): Buffer {
    const end = this.#at + count;
    if (end > this.#data.length) throw new BarrageError('BAD_REQUEST', 'AMF value cut off');
    const taken = this.#data.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  number(): number {
    return this.#take(8).readDoubleBE();
  }

  boolean(): boolean {
    return this.#take(1)[0] !== 0;
  }

  string(): string {
    return this.#take(this.#take(2).readUInt16BE()).toString('utf8');
  }

  longString(): string {
    return this.#take(this.#take(4).readUInt32BE()).toString('utf8');
  }

  skip(count: number): undefined {
    this.#take(count);
    return undefined;
  }

  object(depth: number): AmfObject {
    const object: Record<string, AmfValue> = Object.create(null);
    for (;;) {
      const name = this.string();
      if (this.#data[this.#at] === 9) {
        this.#at++;
        return object;
      }
      object[name] = this.#value(depth + 1);
    }
  }

  // Encoders leave out the end marker of an ECMA array at the end of a message.
  ecmaArray(depth: number): AmfObject {
    this.#take(4);
    const object: Record<string, AmfValue> = Object.create(null);
    while (this.#at < this.#data.length) {
      const name = this.string();
      if (this.#data[this.#at] === 9) {
        this.#at++;
        break;
      }
      object[name] = this.#value(depth + 1);
    }
    return object;
  }

  strictArray(depth: number): AmfValue[] {
    const count = this.#take(4).readUInt32BE();
    const values: AmfValue[] = [];
    for (let left = count; left > 0; left--) values.push(this.#value(depth + 1));
    return values;
  }

  /** AMF3 (marker 0x11): scalars only, which is all that commands carry (AMF 3 specification 3). */
  amf3(): AmfValue {
    const marker = this.#take(1)[0] as number;
    const read = AMF3_READERS[marker];
    if (!read) throw new BarrageError('BAD_REQUEST', `AMF3 marker 0x${marker.toString(16)}`);
    return read(this);
  }

  amf3Integer(): number {
    const value = this.#amf3Unsigned();
    return (value << 3) >> 3;
  }

  amf3String(): string {
    const header = this.#amf3Unsigned();
    if ((header & 1) === 0) throw new BarrageError('BAD_REQUEST', 'AMF3 string reference');
    return this.#take(header >> 1).toString('utf8');
  }

  #amf3Unsigned(): number {
    let value = 0;
    for (let index = 0; index < 4; index++) {
      const byte = this.#take(1)[0] as number;
      if (index === 3) return (value << 8) | byte;
      value = (value << 7) | (byte & 0x7f);
      if (byte < 0x80) break;
    }
    return value;
  }
}

const READERS: Record<number, (reader: Amf0Reader, depth: number) => AmfValue> = {
  0: (reader) => reader.number(),
  1: (reader) => reader.boolean(),
  2: (reader) => reader.string(),
  3: (reader, depth) => reader.object(depth),
  5: () => null,
  6: () => undefined,
  7: (reader) => reader.skip(2),
  8: (reader, depth) => reader.ecmaArray(depth),
  10: (reader, depth) => reader.strictArray(depth),
  11: (reader) => {
    const date = reader.number();
    reader.skip(2);
    return date;
  },
  12: (reader) => reader.longString(),
  13: () => undefined,
  15: (reader) => reader.longString(),
  16: (reader, depth) => {
    reader.string();
    return reader.object(depth);
  },
  17: (reader) => reader.amf3(),
};

const AMF3_READERS: Record<number, (reader: Amf0Reader) => AmfValue> = {
  0: () => undefined,
  1: () => null,
  2: () => false,
  3: () => true,
  4: (reader) => reader.amf3Integer(),
  5: (reader) => reader.number(),
  6: (reader) => reader.amf3String(),
};
