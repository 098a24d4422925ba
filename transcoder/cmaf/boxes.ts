// Writes ISO base media file format boxes (ISO/IEC 14496-12, 4.2). It knows sizes and headers, and
// nothing of what the boxes mean.

const HEADER_BYTES = 8;

/** A box: 32-bit size, four-character type, and the payload in order. */
export function box(type: string, ...payload: readonly Buffer[]): Buffer {
  const size = payload.reduce((sum, part) => sum + part.length, HEADER_BYTES);
  const header = Buffer.allocUnsafe(HEADER_BYTES);
  header.writeUInt32BE(size, 0);
  header.write(type, 4, 4, 'latin1');
  return Buffer.concat([header, ...payload], size);
}

/** A box with a version and 24 bits of flags before its payload (14496-12, 4.2: FullBox). */
export function fullBox(type: string, versionAndFlags: [number, number], ...payload: Buffer[]): Buffer {
  const [version, flags] = versionAndFlags;
  return box(type, u32(version * 0x1000000 + flags), ...payload);
}

/** Unsigned 8-bit integers. */
export function u8(...values: number[]): Buffer {
  return Buffer.from(values);
}

/** Unsigned 16-bit integers, big-endian. */
export function u16(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, index * 2);
  });
  return bytes;
}

/** Unsigned 32-bit integers, big-endian. */
export function u32(...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}

/** An unsigned 64-bit integer, big-endian; `value` is a safe integer. */
export function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Text as it stands in four-character codes and handler names. */
export function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** `count` zero bytes. */
export function zeros(count: number): Buffer {
  return Buffer.alloc(count);
}
