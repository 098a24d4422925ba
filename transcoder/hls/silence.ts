// One frame of silence in the codec of a track, to fill small holes with.
import type { AudioTrack } from '../../core/access-unit.ts';

// AAC-LC, 1024 samples: an individual channel stream (or a pair of them) without any coded bands.
const AAC_SILENCE: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('00c800802380', 'hex'),
  2: Buffer.from('210049900219002380', 'hex'),
};

// A CELT frame of 20 ms, full band, with the silence flag (RFC 6716 section 3.1 and 4.3).
const OPUS_SILENCE: Readonly<Record<number, Buffer>> = {
  1: Buffer.from('f8fffe', 'hex'),
  2: Buffer.from('fcfffe', 'hex'),
};

/** A frame of silence with its samples at `timescale`, or undefined where none is known. */
export interface SilentFrame {
  readonly data: Buffer;
  readonly durationUs: number;
}

/** The silent frame for a track: AAC-LC and Opus in mono and stereo; others have none. */
export function findSilentFrame(track: AudioTrack): SilentFrame | undefined {
  if (track.codec === 'opus') {
    const data = OPUS_SILENCE[track.channels];
    return data && { data, durationUs: 20_000 };
  }
  const data = track.codecString === 'mp4a.40.2' ? AAC_SILENCE[track.channels] : undefined;
  return data && { data, durationUs: (1024 * 1_000_000) / track.sampleRate };
}
