// The state of one SSRC: sequence numbers, timestamps on the media clock, and what its sender reports say.
import { RTP_HEADER_BYTES, writeRtpPacket } from './rtp-packet.ts';
import { writeSenderReport } from './sender-report.ts';

/** Longest RTP packet we write: leaves room for SRTP, the SFU's extensions and a tunnel in 1500 bytes. */
export const MAX_RTP_PACKET_BYTES = 1200;
/** Longest payload in such a packet. */
export const MAX_RTP_PAYLOAD_BYTES = MAX_RTP_PACKET_BYTES - RTP_HEADER_BYTES;

const TWO_32 = 2 ** 32;

/** What an {@link RtpStream} is made with. */
export interface RtpStreamOptions {
  readonly ssrc: number;
  readonly payloadType: number;
  /** Hz: 90000 for video, 48000 for Opus. */
  readonly clockRate: number;
  /** RTP timestamp of media time 0; layers of one picture must have the same. */
  readonly timestampBase: number;
  /** First sequence number. */
  readonly firstSequenceNumber: number;
}

/**
 * RTP timestamp of a media time: `base + us * rate / 10^6`, modulo 2^32. Rounded once from the absolute
 * time, so that it never drifts.
 */
export function toRtpTimestamp(mediaUs: number, clockRate: number, base: number): number {
  // Seconds and rest apart keep the product below 2^53.
  const seconds = Math.floor(mediaUs / 1_000_000);
  const rest = Math.round(((mediaUs - seconds * 1_000_000) * clockRate) / 1_000_000);
  return ((((seconds % TWO_32) * clockRate + rest + base) % TWO_32) + TWO_32) % TWO_32;
}

/** One RTP stream being sent; lives as long as its SSRC, whoever publishes. */
export class RtpStream {
  readonly ssrc: number;
  readonly clockRate: number;
  readonly #payloadType: number;
  readonly #base: number;
  #sequenceNumber: number;
  #packets = 0;
  #octets = 0;

  constructor(options: RtpStreamOptions) {
    this.ssrc = options.ssrc;
    this.clockRate = options.clockRate;
    this.#payloadType = options.payloadType;
    this.#base = options.timestampBase;
    this.#sequenceNumber = options.firstSequenceNumber & 0xffff;
  }

  /** Packets sent so far. */
  get packetCount(): number {
    return this.#packets;
  }

  /** RTP timestamp of a media time. */
  timestampAt(mediaUs: number): number {
    return toRtpTimestamp(mediaUs, this.clockRate, this.#base);
  }

  /** The packets of one access unit, the last with the marker set when `markLast`. */
  write(payloads: readonly Buffer[], ptsUs: number, markLast: boolean): Buffer[] {
    const timestamp = this.timestampAt(ptsUs);
    return payloads.map((payload, index) => {
      const header = {
        payloadType: this.#payloadType,
        sequenceNumber: this.#sequenceNumber,
        timestamp,
        ssrc: this.ssrc,
        marker: markLast && index === payloads.length - 1,
      };
      this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
      this.#packets++;
      this.#octets += payload.length;
      return writeRtpPacket(header, payload);
    });
  }

  /**
   * A sender report for the moment `nowUs` of the media clock. It names the present, not the last frame:
   * the receiver then takes a frame's delay in the server for delay, not for a later capture.
   */
  senderReport(nowUs: number): Buffer {
    return writeSenderReport({
      ssrc: this.ssrc,
      unixUs: nowUs,
      rtpTimestamp: this.timestampAt(nowUs),
      packetCount: this.#packets,
      octetCount: this.#octets,
    });
  }
}
