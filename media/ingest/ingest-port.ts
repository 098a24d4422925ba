// What every ingest protocol speaks to: admission of a publisher, and the target its media goes into.
// Protocols know nothing of rooms; the server decides who may publish and hands back a target.
import type { AccessUnit, AudioTrack, VideoTrack } from '../../core/access-unit.ts';
import type { Closable } from '../../core/lifecycle.ts';

/** Who asks to publish, as far as the protocol can tell. `streamKey` is a secret: never log it. */
export interface PublishRequest {
  readonly protocol: 'rtmp' | 'whip' | 'browser';
  /** RTMP application name, `live` by default. */
  readonly app: string;
  readonly streamKey: string;
  readonly remoteAddress: string;
}

/**
 * An access unit on the source's own time line: microseconds from an arbitrary zero, already unwrapped
 * by the protocol, free to jump. The target maps it onto the media clock.
 */
export type SourceUnit = Omit<AccessUnit, 'discontinuity'>;

/** What encoders say about themselves (`onMetaData`); every field may be missing or wrong. */
export interface SourceMetadata {
  readonly encoder?: string;
  readonly width?: number;
  readonly height?: number;
  readonly frameRate?: number;
  readonly videoKbps?: number;
  readonly audioKbps?: number;
}

/** Where an admitted publisher's media goes. Tracks come before their units and may change in between. */
export interface PublishTarget {
  /** @throws BarrageError `UNSUPPORTED_MEDIA` when the server cannot do anything with that codec. */
  setTrack(track: VideoTrack | AudioTrack): void;
  setMetadata(metadata: SourceMetadata): void;
  write(kind: 'video' | 'audio', unit: SourceUnit): void;
  /** The publisher left; `clean` when it said so (unpublish), false when the connection broke. */
  end(reason: string, clean: boolean): void;
}

/**
 * Admits a publisher or throws: `UNAUTHORIZED` (missing or wrong key), `PUBLISHER_EXISTS`, `OVERLOADED`,
 * `UNAVAILABLE`. `session` is what the server closes to kick the publisher (takeover, API, shutdown).
 */
export type AdmitPublisher = (request: PublishRequest, session: Closable) => Promise<PublishTarget>;
