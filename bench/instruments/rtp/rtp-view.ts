// Reads what the bench needs of a received RTP packet (RFC 3550 5.1, header extensions skipped). Never copies.

/** The fixed header's fields and a view of the payload. */
export interface RtpView {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  readonly payload: Buffer;
}

const FIXED_HEADER_BYTES = 12;
const EXTENSION_HEADER_BYTES = 4;

/** Undefined for what is no RTP: too short, another version, or RTCP on the same port (RFC 5761 4). */
export function viewRtp(packet: Buffer): RtpView | undefined {
  const [first, second] = [packet[0] ?? 0, packet[1] ?? 0];
  if (packet.length < FIXED_HEADER_BYTES || first >> 6 !== 2 || (second >= 192 && second <= 223))
    return undefined;
  let start = FIXED_HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) !== 0) {
    if (packet.length < start + EXTENSION_HEADER_BYTES) return undefined;
    start += EXTENSION_HEADER_BYTES + packet.readUInt16BE(start + 2) * 4;
  }
  const end = packet.length - ((first & 0x20) === 0 ? 0 : (packet.at(-1) ?? 0));
  if (end < start) return undefined;
  return {
    sequenceNumber: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    marker: (second & 0x80) !== 0,
    payload: packet.subarray(start, end),
  };
}
