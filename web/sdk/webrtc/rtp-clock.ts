// From RTP timestamps of video frames to media time, by what the SDP answer says of their clock. Pure.

/** 90 kHz, the clock of every video payload format (RFC 6184 section 8.2.1 for H.264). */
const TICKS_PER_MS = 90;
const WRAP_TICKS = 2 ** 32;
const WRAP_MS = WRAP_TICKS / TICKS_PER_MS;
/** The NTP epoch is 1900, Unix's 1970 (RFC 5905 section 6). */
export const NTP_TO_UNIX_MS = 2_208_988_800_000;

/**
 * The media clock of RFC 7273 section 5.2 (`a=mediaclk:direct`) referred to NTP time: exact for each
 * frame, from the first one on. A change of layer may move it by up to a frame (33 ms), since the SFU
 * keeps RTP timestamps rising across the seam.
 */
export class RtpClock {
  readonly #offset: number;

  /** @param offset - RTP timestamp at the NTP epoch. */
  constructor(offset: number) {
    this.#offset = offset;
  }

  /** The clock of an answer's video; undefined when it names none. */
  static fromAnswer(sdp: string): RtpClock | undefined {
    const video = sdp.split(/^m=/m).find((section) => section.startsWith('video '));
    const offset = /^a=mediaclk:direct=(\d+)/m.exec(video ?? '')?.[1];
    return offset === undefined ? undefined : new RtpClock(Number(offset));
  }

  /** Media time in Unix ms of a frame; `nearMs` says which of the wraps (13 hours apart) is meant. */
  toMediaMs(rtpTimestamp: number, nearMs: number): number {
    const ticks = (rtpTimestamp - this.#offset + WRAP_TICKS) % WRAP_TICKS;
    const ntpMs = ticks / TICKS_PER_MS;
    const nearNtpMs = nearMs + NTP_TO_UNIX_MS;
    return ntpMs + Math.round((nearNtpMs - ntpMs) / WRAP_MS) * WRAP_MS - NTP_TO_UNIX_MS;
  }
}
