// Video of FLV tags as tracks and access units: one follower of a codec's configuration for each codec, and
// the choice between them. Pure: knows no connection.
import type { VideoTrack } from '../../../core/access-unit.ts';
import type { SourceMetadata } from '../ingest-port.ts';
import { Av1Source } from './av1-source.ts';
import { AvcSource } from './avc-source.ts';
import { HevcSource } from './hevc-source.ts';

export type IngestVideoCodec = 'h264' | 'hevc' | 'av1';

/** A coded picture as `AccessUnit.data` wants it. */
export interface Picture {
  readonly data: Buffer;
  readonly key: boolean;
}

/** What a codec's configuration says of the track; `frameRate` 0 when it does not. */
export type VideoShape = Pick<VideoTrack, 'config' | 'codecString' | 'width' | 'height' | 'frameRate'>;

/** Follows one codec's configuration, out of band and in band. */
export interface VideoSource {
  configure(record: Buffer): void;
  /** Takes a frame's payload, and the parameter sets in it; undefined when there is no picture in it. */
  picture(body: Buffer): Picture | undefined;
  /** The configuration in use, undefined before the first. Another object when, and only when, it changed. */
  readonly shape: VideoShape | undefined;
}

/** What a frame becomes; `track` is set when it needs a track that was not announced. */
export interface VideoFrame {
  readonly data: Buffer;
  readonly key: boolean;
  readonly track?: VideoTrack;
}

/** Follows the video track of a publication. Parsers' errors (`BAD_REQUEST`, `UNSUPPORTED_MEDIA`) pass through. */
export class VideoUnits {
  #codec: IngestVideoCodec | undefined;
  #source: VideoSource | undefined;
  #announced: VideoShape | undefined;

  /** Takes a sequence header; the new track, or undefined when nothing changed. */
  configure(codec: IngestVideoCodec, record: Buffer, metadata: SourceMetadata): VideoTrack | undefined {
    const source = this.#sourceOf(codec);
    source.configure(record);
    return this.#announce(codec, source.shape, metadata);
  }

  /** Takes a frame, or undefined when it has no picture or no track for it is known yet. */
  frame(codec: IngestVideoCodec, body: Buffer, metadata: SourceMetadata): VideoFrame | undefined {
    const source = this.#sourceOf(codec);
    const picture = source.picture(body);
    if (!picture || !source.shape) return undefined;
    const track = this.#announce(codec, source.shape, metadata);
    return track ? { ...picture, track } : picture;
  }

  #sourceOf(codec: IngestVideoCodec): VideoSource {
    if (this.#codec !== codec || !this.#source) {
      this.#source = createSource(codec);
      this.#codec = codec;
    }
    return this.#source;
  }

  #announce(
    codec: IngestVideoCodec,
    shape: VideoShape | undefined,
    metadata: SourceMetadata,
  ): VideoTrack | undefined {
    if (!shape || shape === this.#announced) return undefined;
    this.#announced = shape;
    const frameRate = shape.frameRate || (metadata.frameRate ?? 0);
    return { kind: 'video', codec, ...shape, frameRate, bitrateKbps: metadata.videoKbps ?? 0 };
  }
}

function createSource(codec: IngestVideoCodec): VideoSource {
  if (codec === 'h264') return new AvcSource();
  return codec === 'hevc' ? new HevcSource() : new Av1Source();
}
