// Recognises a coded H.264 picture by the first bytes of its first slice: a server that hands pictures on
// unencoded keeps them, whatever it does to timestamps and packets.

/** Bytes behind the NAL header that are looked at: the first fragment of a slice always holds so many. */
const MARK_BYTES = 48;
const STAP_A = 24;
const FU_A = 28;

/** FNV-1a, 32 bits. */
function hash(bytes: Buffer): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < bytes.length && index < MARK_BYTES; index++) {
    value = Math.imul(value ^ (bytes[index] ?? 0), 0x01000193);
  }
  return value >>> 0;
}

/** Slices: of a picture that is no IDR, and of one that is. Data partitions are not used by anybody. */
function isSlice(type: number): boolean {
  return type === 1 || type === 5;
}

/** The mark of a picture given as NAL units behind 4-byte lengths; undefined without a slice. */
export function markOfUnits(units: Buffer): number | undefined {
  for (let at = 0; at + 5 <= units.length; ) {
    const end = at + 4 + units.readUInt32BE(at);
    if (isSlice((units[at + 4] ?? 0) & 0x1f)) return hash(units.subarray(at + 5, end));
    at = end;
  }
  return undefined;
}

/** The mark of the slice that starts in an RTP payload (RFC 6184 5.6-5.8); undefined when none does. */
export function markOfPayload(payload: Buffer): number | undefined {
  const type = (payload[0] ?? 0) & 0x1f;
  if (isSlice(type)) return hash(payload.subarray(1));
  if (type === FU_A) {
    const header = payload[1] ?? 0;
    return (header & 0x80) !== 0 && isSlice(header & 0x1f) ? hash(payload.subarray(2)) : undefined;
  }
  return type === STAP_A ? markOfAggregate(payload) : undefined;
}

function markOfAggregate(payload: Buffer): number | undefined {
  for (let at = 1; at + 3 <= payload.length; ) {
    const end = at + 2 + payload.readUInt16BE(at);
    if (isSlice((payload[at + 2] ?? 0) & 0x1f)) return hash(payload.subarray(at + 3, end));
    at = end;
  }
  return undefined;
}
