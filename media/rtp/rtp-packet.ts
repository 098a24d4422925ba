// RTP packets: writing the fixed header in front of a payload, and reading it back. No header extensions:
// the SFU adds those it has negotiated with each viewer.
import { BarrageError } from '../../core/errors.ts';

/** Bytes of the fixed RTP header (RFC 3550 5.1) without CSRCs. */
export const RTP_HEADER_BYTES = 12;

/** The fields of the fixed header. */
export interface RtpHeader {
  readonly payloadType: number;
  /** 0-65535 */
  readonly sequenceNumber: number;
  /** 0-2^32-1, in units of the payload's clock. */
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
}

/** A packet taken apart. */
export interface RtpPacket extends RtpHeader {
  /** A view of the packet. */
  readonly payload: Buffer;
}

/** One RTP packet (RFC 3550 5.1): version 2, no padding, no extension, no CSRC. */
export function writeRtpPacket(header: RtpHeader, payload: Buffer): Buffer {
  const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length);
  packet[0] = 0x80;
  packet[1] = (header.marker ? 0x80 : 0) | header.payloadType;
  packet.writeUInt16BE(header.sequenceNumber, 2);
  packet.writeUInt32BE(header.timestamp, 4);
  packet.writeUInt32BE(header.ssrc, 8);
  payload.copy(packet, RTP_HEADER_BYTES);
  return packet;
}

/**
 * Takes an RTP packet apart; extensions are skipped, padding is cut.
 * @throws BarrageError `BAD_REQUEST` when it is too short or of another version
 */
export function readRtpPacket(packet: Buffer): RtpPacket {
  const first = packet[0] ?? 0;
  if (packet.length < RTP_HEADER_BYTES || first >> 6 !== 2) {
    throw new BarrageError('BAD_REQUEST', `${packet.length} bytes are not an RTP 2 packet`);
  }
  let start = RTP_HEADER_BYTES + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (start + 4 > packet.length) throw new BarrageError('BAD_REQUEST', 'RTP extension cut off');
    start += 4 + packet.readUInt16BE(start + 2) * 4;
  }
  const end = packet.length - (first & 0x20 ? (packet[packet.length - 1] ?? 0) : 0);
  if (start > end) throw new BarrageError('BAD_REQUEST', 'RTP header or padding longer than the packet');
  const second = packet[1] ?? 0;
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequenceNumber: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(start, end),
  };
}
