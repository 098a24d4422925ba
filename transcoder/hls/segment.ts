// Segments and their parts as values: what a playlist lists and a request is answered with.

/** A part: a fragment of its own, the bytes of `moof` and `mdat`. */
export interface HlsPart {
  /** Position in the segment, from 0. */
  readonly index: number;
  readonly durationUs: number;
  /** Starts with a key frame (always true for audio). */
  readonly independent: boolean;
  readonly bytes: Buffer;
}

interface SegmentBase {
  /** Media sequence number (RFC 8216 section 3). */
  readonly sequence: number;
  /** Discontinuity sequence number. */
  readonly era: number;
  /** How many discontinuities lie between the segment before and this one. */
  readonly discontinuities: number;
  /** Presentation time of the first sample on the media clock. */
  readonly startUs: number;
  /** File name of the init segment it needs. */
  readonly initName: string;
  /** File name, without a folder. */
  readonly name: string;
  readonly durationUs: number;
}

/** A segment with media. */
export interface MediaSegment extends SegmentBase {
  readonly kind: 'media';
  /** The whole of it: one buffer, so that it goes out in one write; made when it is first asked for. */
  readonly bytes: Buffer;
  /** One after the other the same bytes; views of `bytes` once that was made. */
  readonly parts: readonly HlsPart[];
  readonly byteLength: number;
  /** Samples in it, for the frame rate. */
  readonly samples: number;
  readonly independent: boolean;
}

/** A segment whose media never came (RFC 8216bis section 4.4.4.7, EXT-X-GAP). */
export interface GapSegment extends SegmentBase {
  readonly kind: 'gap';
}

export type HlsSegment = MediaSegment | GapSegment;
