// The unit of media everything else speaks of: one coded picture or one audio frame, and the track that
// says how to decode it. Independent of any protocol or container.

export type VideoCodec = 'h264' | 'hevc' | 'av1' | 'vp8' | 'vp9';
export type AudioCodec = 'aac' | 'opus';

/** A video track. `config` is the codec's decoder configuration record (avcC, hvcC, av1C). */
export interface VideoTrack {
  readonly kind: 'video';
  readonly codec: VideoCodec;
  readonly config: Buffer;
  /** RFC 6381 codec string, for example `avc1.64001f`. */
  readonly codecString: string;
  readonly width: number;
  readonly height: number;
  /** Frames per second; 0 when not known yet. */
  readonly frameRate: number;
  /** Nominal bit rate in kbit/s; 0 when not known. */
  readonly bitrateKbps: number;
}

/** An audio track. `config` is the AudioSpecificConfig (AAC) or the OpusHead without magic, dOps order (Opus). */
export interface AudioTrack {
  readonly kind: 'audio';
  readonly codec: AudioCodec;
  readonly config: Buffer;
  readonly codecString: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitrateKbps: number;
}

export type Track = VideoTrack | AudioTrack;

/**
 * One coded picture or audio frame on the media clock (microseconds since the Unix epoch).
 * `data` is, by codec: H.264 and HEVC NAL units each behind a 4-byte big-endian length, without
 * parameter sets; AV1 a temporal unit of OBUs with sizes, without temporal delimiter; AAC one raw frame;
 * Opus one packet. Nobody writes into `data` after it was handed on.
 */
export interface AccessUnit {
  readonly ptsUs: number;
  readonly dtsUs: number;
  /** Duration; 0 when not known (video of variable rate). */
  readonly durationUs: number;
  readonly key: boolean;
  /** Set on the first unit after a jump of the source's time line or a change of its track. */
  readonly discontinuity?: boolean;
  readonly data: Buffer;
}
