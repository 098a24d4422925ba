// Turns the interleaved units of a video and an audio track into one fragmented MP4 byte stream, one
// fragment a frame, as ffmpeg reads it on a pipe: `-probesize 32 -analyzeduration 0 -flags low_delay -f mp4
// -i pipe:0`. (`-fflags nobuffer` would throw the first key frame away.) Holds nothing back.
import type { AccessUnit, AudioTrack, Track, VideoTrack } from '../../core/access-unit.ts';
import { BarrageError } from '../../core/errors.ts';
import { buildFragment } from './fragment.ts';
import { buildInitSegment, type CmafTrack } from './init-segment.ts';

/** Times in the stream are microseconds: what comes in is what ffmpeg sees, without rounding. */
export const STDIN_TIMESCALE = 1_000_000;

const VIDEO_TRACK_ID = 1;
const AUDIO_TRACK_ID = 2;
const AAC_FRAME_SAMPLES = 1024;
const OPUS_FRAME_US = 20_000;
const FALLBACK_FRAME_RATE = 30;
const LONGEST_FRAME_US = 1_000_000;

/** Tracks of a {@link StdinMuxer}, at least one. `originUs` (media clock) becomes time 0 of the stream. */
export interface StdinMuxerOptions {
  readonly video?: VideoTrack;
  readonly audio?: AudioTrack;
  readonly originUs: number;
}

/**
 * A fragmented MP4 writer for ffmpeg's stdin. Write `init()` first, then each unit's bytes in the order
 * they arrive. A frame's duration is guessed from the frame before it; the decode time of each fragment
 * is exact. A changed track needs a new muxer and a new ffmpeg.
 */
export class StdinMuxer {
  readonly #tracks: CmafTrack[] = [];
  readonly #originUs: number;
  readonly #last = new Map<number, { dtsUs: number; durationUs: number }>();
  #sequenceNumber = 0;

  constructor({ video, audio, originUs }: StdinMuxerOptions) {
    this.#originUs = originUs;
    if (video) this.#tracks.push({ trackId: VIDEO_TRACK_ID, timescale: STDIN_TIMESCALE, track: video });
    if (audio) this.#tracks.push({ trackId: AUDIO_TRACK_ID, timescale: STDIN_TIMESCALE, track: audio });
    if (this.#tracks.length === 0) throw new RangeError('a muxer needs a video or an audio track');
  }

  /** ftyp and moov with the tracks there are: video is the first stream of the file, audio the next. */
  init(): Buffer {
    return buildInitSegment(this.#tracks);
  }

  /**
   * One unit as a fragment. Undefined, and nothing to write, for a unit from before the origin or one
   * that does not come after the last of its track (ffmpeg wants rising decode times).
   * @throws BarrageError `UNSUPPORTED_MEDIA` when there is no track of that kind.
   */
  write(kind: Track['kind'], unit: AccessUnit): Buffer | undefined {
    const trackId = kind === 'video' ? VIDEO_TRACK_ID : AUDIO_TRACK_ID;
    const target = this.#tracks.find((each) => each.trackId === trackId);
    if (!target) throw new BarrageError('UNSUPPORTED_MEDIA', `the stream was opened without ${kind}`);
    const last = this.#last.get(trackId);
    if (unit.dtsUs < this.#originUs || (last && unit.dtsUs <= last.dtsUs)) return undefined;
    const durationUs = durationOf(unit, target.track, last);
    this.#last.set(trackId, { dtsUs: unit.dtsUs, durationUs });
    this.#sequenceNumber++;
    const dts = Math.round(unit.dtsUs - this.#originUs);
    const pts = Math.round(unit.ptsUs - this.#originUs);
    return buildFragment({
      sequenceNumber: this.#sequenceNumber,
      trackId,
      units: [{ dts, pts, duration: durationUs, key: unit.key || kind === 'audio', data: unit.data }],
    });
  }
}

function durationOf(
  unit: AccessUnit,
  track: Track,
  last: { dtsUs: number; durationUs: number } | undefined,
): number {
  if (unit.durationUs > 0) return Math.round(unit.durationUs);
  if (track.kind === 'audio') {
    const samplesUs = (AAC_FRAME_SAMPLES * 1_000_000) / track.sampleRate;
    return Math.round(track.codec === 'aac' ? samplesUs : OPUS_FRAME_US);
  }
  if (!last) return Math.round(1_000_000 / (track.frameRate || FALLBACK_FRAME_RATE));
  const spacingUs = Math.round(unit.dtsUs - last.dtsUs);
  // A pause is no frame duration: it would make ffmpeg believe in a frame of that length.
  return spacingUs > LONGEST_FRAME_US ? last.durationUs : spacingUs;
}
