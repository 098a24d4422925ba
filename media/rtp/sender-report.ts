// RTCP sender reports: which wall time an RTP timestamp stands for. Nothing else of RTCP.

/** Seconds between the NTP epoch (1900) and the Unix epoch (1970), RFC 5905 6. */
export const NTP_UNIX_OFFSET_S = 2_208_988_800;
const SENDER_REPORT = 200;

/** What a sender report says. */
export interface SenderReport {
  readonly ssrc: number;
  /** Wall time in microseconds since the Unix epoch... */
  readonly unixUs: number;
  /** ...and the RTP timestamp of that same moment. */
  readonly rtpTimestamp: number;
  readonly packetCount: number;
  /** Payload bytes sent so far. */
  readonly octetCount: number;
}

/** An RTCP sender report without report blocks (RFC 3550 6.4.1), 28 bytes. */
export function writeSenderReport(report: SenderReport): Buffer {
  const packet = Buffer.alloc(28);
  packet[0] = 0x80;
  packet[1] = SENDER_REPORT;
  packet.writeUInt16BE(6, 2);
  packet.writeUInt32BE(report.ssrc, 4);
  const seconds = Math.floor(report.unixUs / 1_000_000);
  const fraction = Math.floor(((report.unixUs - seconds * 1_000_000) / 1_000_000) * 2 ** 32);
  packet.writeUInt32BE((seconds + NTP_UNIX_OFFSET_S) % 2 ** 32, 8);
  packet.writeUInt32BE(fraction, 12);
  packet.writeUInt32BE(report.rtpTimestamp, 16);
  packet.writeUInt32BE(report.packetCount % 2 ** 32, 20);
  packet.writeUInt32BE(report.octetCount % 2 ** 32, 24);
  return packet;
}
