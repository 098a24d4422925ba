// AMF0 (Action Message Format) as RTMP commands use it: writes any value, reads what servers answer. Not a
// whole implementation: no references, dates or XML.

export type AmfObject = { readonly [name: string]: AmfValue };
export type AmfValue = number | boolean | string | null | undefined | readonly AmfValue[] | AmfObject;

const MARKER = {
  number: 0,
  boolean: 1,
  string: 2,
  object: 3,
  null: 5,
  undefined: 6,
  ecmaArray: 8,
  array: 10,
};
const OBJECT_END = Buffer.from([0, 0, 9]);

/** Values one after the other, as encoders write them. */
export function encodeAmf0(...values: AmfValue[]): Buffer {
  return Buffer.concat(values.map(encodeValue));
}

function encodeValue(value: AmfValue): Buffer {
  if (typeof value === 'number') {
    const out = Buffer.alloc(9);
    out.writeDoubleBE(value, 1);
    return out;
  }
  if (typeof value === 'boolean') return Buffer.from([MARKER.boolean, value ? 1 : 0]);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([MARKER.string]), encodeName(value)]);
  if (value === null) return Buffer.from([MARKER.null]);
  if (value === undefined) return Buffer.from([MARKER.undefined]);
  if (isArray(value)) {
    const count = Buffer.alloc(5, MARKER.array);
    count.writeUInt32BE(value.length, 1);
    return Buffer.concat([count, ...value.map(encodeValue)]);
  }
  const fields = Object.entries(value).flatMap(([name, field]) => [encodeName(name), encodeValue(field)]);
  return Buffer.concat([Buffer.from([MARKER.object]), ...fields, OBJECT_END]);
}

function isArray(value: AmfValue): value is readonly AmfValue[] {
  return Array.isArray(value);
}

function encodeName(text: string): Buffer {
  const data = Buffer.from(text);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(data.length);
  return Buffer.concat([length, data]);
}

/** The values of an answer. @throws RangeError when cut off, Error on a kind that commands do not use. */
export function decodeAmf0(bytes: Buffer): AmfValue[] {
  const reader = new AmfReader(bytes);
  const values: AmfValue[] = [];
  while (!reader.atEnd) values.push(reader.value());
  return values;
}

class AmfReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(): AmfValue {
    const marker = this.#bytes.readUInt8(this.#skip(1));
    switch (marker) {
      case MARKER.number:
        return this.#bytes.readDoubleBE(this.#skip(8));
      case MARKER.boolean:
        return this.#bytes.readUInt8(this.#skip(1)) !== 0;
      case MARKER.string:
        return this.#text();
      case MARKER.ecmaArray:
        this.#skip(4);
        return this.#object();
      case MARKER.object:
        return this.#object();
      case MARKER.array:
        return Array.from({ length: this.#bytes.readUInt32BE(this.#skip(4)) }, () => this.value());
      case MARKER.null:
        return null;
      case MARKER.undefined:
        return undefined;
      default:
        throw new Error(`AMF0 value of kind ${marker}`);
    }
  }

  #object(): AmfObject {
    const object: Record<string, AmfValue> = {};
    for (let name = this.#text(); name !== ''; name = this.#text()) object[name] = this.value();
    this.#skip(1);
    return object;
  }

  #text(): string {
    const length = this.#bytes.readUInt16BE(this.#skip(2));
    const from = this.#skip(length);
    return this.#bytes.toString('utf8', from, from + length);
  }

  #skip(count: number): number {
    const at = this.#at;
    this.#at += count;
    return at;
  }
}
