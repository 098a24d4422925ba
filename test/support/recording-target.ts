// A PublishTarget that writes down what it is given, for tests of ingest protocols.
import { EventEmitter } from 'node:events';
import type { AudioTrack, VideoTrack } from '../../core/access-unit.ts';
import type { PublishTarget, SourceMetadata, SourceUnit } from '../../media/ingest/ingest-port.ts';

/** Emits `track`, `unit`, `metadata` and `end` as they come. */
export class RecordingTarget extends EventEmitter implements PublishTarget {
  readonly tracks: (VideoTrack | AudioTrack)[] = [];
  readonly units: { readonly kind: 'video' | 'audio'; readonly unit: SourceUnit }[] = [];
  readonly metadata: SourceMetadata[] = [];
  readonly ends: { readonly reason: string; readonly clean: boolean }[] = [];
  /** Throws this from `setTrack`, when set. */
  refuseTrack: Error | undefined;
  /** Throws this from `write`, when set. */
  failWrite: Error | undefined;

  setTrack(track: VideoTrack | AudioTrack): void {
    if (this.refuseTrack) throw this.refuseTrack;
    this.tracks.push(track);
    this.emit('track', track);
  }

  setMetadata(metadata: SourceMetadata): void {
    this.metadata.push(metadata);
    this.emit('metadata', metadata);
  }

  write(kind: 'video' | 'audio', unit: SourceUnit): void {
    if (this.failWrite) throw this.failWrite;
    this.units.push({ kind, unit });
    this.emit('unit', kind, unit);
  }

  end(reason: string, clean: boolean): void {
    this.ends.push({ reason, clean });
    this.emit('end', reason, clean);
  }

  of(kind: 'video' | 'audio'): SourceUnit[] {
    return this.units.filter((entry) => entry.kind === kind).map(({ unit }) => unit);
  }
}
