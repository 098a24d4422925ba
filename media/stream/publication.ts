// One publisher's session with a stream: takes its units from the protocol, puts them on the media
// clock and writes them into the source renditions. The stream outlives it.
import type { AudioTrack, VideoTrack } from '../../core/access-unit.ts';
import type { Clock } from '../../core/clock.ts';
import { BarrageError } from '../../core/errors.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { PublishRequest, PublishTarget, SourceMetadata, SourceUnit } from '../ingest/ingest-port.ts';
import type { MediaClock } from './media-clock.ts';
import type { Rendition } from './rendition.ts';

/** What the stream hands a publication; `session` is the publisher's connection. */
export interface PublicationOptions {
  readonly request: PublishRequest;
  readonly session: Closable;
  readonly clock: Clock;
  readonly mediaClock: MediaClock;
  /** Answers the source rendition of that kind, made or updated for the track. */
  readonly openSource: (track: VideoTrack | AudioTrack) => Rendition;
  /** @throws BarrageError `UNSUPPORTED_MEDIA` for a codec nothing here can use. */
  readonly assertUsable: (track: VideoTrack | AudioTrack) => void;
  readonly onStarted: () => void;
  readonly onEnded: (publication: Publication, reason: string, clean: boolean) => void;
}

/** A source this far ahead of real time is a file being pushed without pacing, not a live stream. */
const MAX_AHEAD_US = 10_000_000;

/** See the file's head. Implements the port that ingest protocols write to. */
export class Publication implements PublishTarget {
  readonly request: PublishRequest;
  readonly sinceUs: number;
  #metadata: SourceMetadata = {};
  #state: 'admitted' | 'started' | 'ended' = 'admitted';
  readonly #options: PublicationOptions;
  readonly #sources = new Map<'video' | 'audio', { rendition: Rendition; discontinuity: boolean }>();
  readonly #lastDtsUs = { video: Number.NEGATIVE_INFINITY, audio: Number.NEGATIVE_INFINITY };

  constructor(options: PublicationOptions) {
    this.#options = options;
    this.request = options.request;
    this.sinceUs = options.clock.nowUs();
  }

  get metadata(): SourceMetadata {
    return this.#metadata;
  }

  /** Which kinds of track the publisher has announced. */
  get kinds(): readonly ('video' | 'audio')[] {
    return [...this.#sources.keys()];
  }

  setMetadata(metadata: SourceMetadata): void {
    this.#metadata = metadata;
  }

  setTrack(track: VideoTrack | AudioTrack): void {
    if (this.#state === 'ended') return;
    this.#options.assertUsable(track);
    const known = this.#sources.get(track.kind);
    const rendition = this.#options.openSource(track);
    this.#sources.set(track.kind, { rendition, discontinuity: known?.discontinuity ?? true });
    if (this.#state === 'admitted') {
      this.#state = 'started';
      this.#options.onStarted();
    }
  }

  write(kind: 'video' | 'audio', unit: SourceUnit): void {
    const source = this.#sources.get(kind);
    if (this.#state === 'ended' || !source) return;
    const sample = { dtsUs: unit.dtsUs, ptsUs: unit.ptsUs, arrivalUs: this.#options.clock.nowUs() };
    const time = this.#options.mediaClock.map(sample);
    this.#assertPaced(sample);
    if (time.discontinuity) for (const each of this.#sources.values()) each.discontinuity = true;
    // Two units of one track at the same decode time would break every container further on.
    const dtsUs = Math.max(time.dtsUs, this.#lastDtsUs[kind] + 1);
    const ptsUs = Math.max(time.ptsUs, dtsUs);
    this.#lastDtsUs[kind] = dtsUs;
    const discontinuity = source.discontinuity;
    source.discontinuity = false;
    source.rendition.write({ ...unit, dtsUs, ptsUs, ...(discontinuity ? { discontinuity } : {}) });
  }

  end(reason: string, clean: boolean): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#options.onEnded(this, reason, clean);
  }

  /** Ends the publisher's connection from the server's side. */
  kick(reason: string): void {
    this.end(reason, true);
    void this.#options.session.close(reason);
  }

  #assertPaced(sample: { dtsUs: number; ptsUs: number; arrivalUs: number }): void {
    const aheadUs = this.#options.mediaClock.aheadUs(sample);
    if (aheadUs <= MAX_AHEAD_US) return;
    const ahead = (aheadUs / 1e6).toFixed(1);
    throw new BarrageError(
      'BAD_REQUEST',
      `media runs ${ahead} s ahead of real time; publish at the speed of the clock (ffmpeg: -re)`,
    );
  }
}
