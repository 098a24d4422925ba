// What is live in a room, independent of any protocol: one publisher at a time, its source renditions
// and those made from them, on one media clock. Outputs subscribe; they are not known here.
import { EventEmitter } from 'node:events';
import type { AudioTrack, Track, VideoTrack } from '../../core/access-unit.ts';
import { type Clock, systemClock } from '../../core/clock.ts';
import { BarrageError } from '../../core/errors.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import type { RenditionWriter } from '../../core/rendition.ts';
import type { PublishRequest, PublishTarget } from '../ingest/ingest-port.ts';
import { MediaClock } from './media-clock.ts';
import { Publication } from './publication.ts';
import { Rendition } from './rendition.ts';

/** Settings of a stream. */
export interface StreamOptions {
  /** The room's id: a room has one stream. */
  readonly id: string;
  /** How long a broken publisher may take to come back before the stream ends, in ms. */
  readonly graceMs: number;
  /** What happens to a second publisher with the right key. */
  readonly secondPublisher: 'refuse' | 'takeover';
  /** Bound of the source's group of pictures kept for late sinks, in bytes. */
  readonly gopCacheBytes: number;
  /** @throws BarrageError `UNSUPPORTED_MEDIA` for a codec nothing here can use. */
  readonly assertUsable: (track: VideoTrack | AudioTrack) => void;
  readonly logger: Logger;
  readonly clock?: Clock;
}

/** How long a returning publisher may take to announce each track it had. */
const STALE_SOURCE_MS = 3000;

/** A stream's state; times are Unix microseconds. */
export type StreamState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'live'; readonly sinceUs: number; readonly publication: Publication }
  | { readonly kind: 'interrupted'; readonly sinceUs: number; readonly liveSinceUs: number }
  | { readonly kind: 'closed'; readonly reason: string };

export interface StreamEvents {
  /** A rendition was opened; it tells of its own end. */
  rendition: [rendition: Rendition];
  state: [state: StreamState];
  closed: [reason: string];
}

/**
 * A stream lives as long as its room needs it. A publisher that breaks off leaves it `interrupted` for
 * the grace period, with its renditions open, so that viewers stay; one that says goodbye leaves it
 * `waiting` at once.
 */
export class Stream extends EventEmitter<StreamEvents> {
  readonly id: string;
  readonly mediaClock = new MediaClock();
  readonly #options: StreamOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #renditions = new Map<string, Rendition>();
  #state: StreamState = { kind: 'waiting' };
  #publication: Publication | undefined;
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(options: StreamOptions) {
    super();
    this.id = options.id;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger.child({ room: options.id });
  }

  get state(): StreamState {
    return this.#state;
  }

  get renditions(): readonly Rendition[] {
    return [...this.#renditions.values()];
  }

  findRendition(id: string): Rendition | undefined {
    return this.#renditions.get(id);
  }

  /** Takes a publisher whose key was right. @throws BarrageError `PUBLISHER_EXISTS`, `UNAVAILABLE`. */
  publish(request: PublishRequest, session: Closable): PublishTarget {
    if (this.#state.kind === 'closed') throw new BarrageError('UNAVAILABLE', `room ${this.id} is closing`);
    if (this.#publication) this.#replace(this.#publication);
    this.mediaClock.restart();
    const publication = new Publication({
      request,
      session,
      clock: this.#clock,
      mediaClock: this.mediaClock,
      openSource: (track) => this.#openSource(track),
      assertUsable: this.#options.assertUsable,
      onStarted: () => this.#handleStarted(publication),
      onEnded: (ended, reason, clean) => this.#handleEnded(ended, reason, clean),
    });
    this.#publication = publication;
    return publication;
  }

  /** Opens a rendition made from the source (a rung of the ladder). The id must be free. */
  openRendition(id: string, track: Track): RenditionWriter {
    return this.#open({ id, origin: 'transcoded', track, gopCacheBytes: 0 });
  }

  /** Ends the publisher's session; false when nobody publishes. */
  kick(reason: string): boolean {
    if (!this.#publication) return false;
    this.#publication.kick(reason);
    return true;
  }

  close(reason: string): void {
    if (this.#state.kind === 'closed') return;
    clearTimeout(this.#graceTimer);
    this.#publication?.kick(reason);
    this.#setState({ kind: 'closed', reason });
    this.#closeRenditions(reason);
    this.emit('closed', reason);
    this.removeAllListeners();
  }

  #replace(current: Publication): void {
    if (this.#options.secondPublisher === 'refuse')
      throw new BarrageError(
        'PUBLISHER_EXISTS',
        `room ${this.id} has a publisher already (${current.request.protocol} from ${current.request.remoteAddress})`,
      );
    this.#publication = undefined;
    current.kick('taken over by another publisher');
  }

  #openSource(track: VideoTrack | AudioTrack): Rendition {
    const id = `source-${track.kind}`;
    const existing = this.#renditions.get(id);
    if (!existing)
      return this.#open({ id, origin: 'source', track, gopCacheBytes: this.#options.gopCacheBytes });
    existing.setTrack(track);
    return existing;
  }

  #open(options: ConstructorParameters<typeof Rendition>[0]): Rendition {
    if (this.#renditions.has(options.id))
      throw new BarrageError('CONFLICT', `stream ${this.id} has a rendition ${options.id} already`);
    const rendition = new Rendition(options);
    this.#renditions.set(options.id, rendition);
    rendition.once('closed', () => this.#renditions.delete(options.id));
    this.emit('rendition', rendition);
    return rendition;
  }

  #handleStarted(publication: Publication): void {
    clearTimeout(this.#graceTimer);
    const before = this.#state;
    const sinceUs = before.kind === 'interrupted' ? before.liveSinceUs : this.#clock.nowUs();
    this.#logger.info(
      { protocol: publication.request.protocol, remoteAddress: publication.request.remoteAddress },
      before.kind === 'interrupted' ? 'publisher is back' : 'stream is live',
    );
    this.#setState({ kind: 'live', sinceUs, publication });
    if (before.kind === 'interrupted')
      this.#graceTimer = setTimeout(() => this.#closeStaleSources(publication), STALE_SOURCE_MS);
  }

  /** A publisher that came back without its sound (or picture) must not leave an empty track behind. */
  #closeStaleSources(publication: Publication): void {
    for (const kind of ['video', 'audio'] as const) {
      if (!publication.kinds.includes(kind))
        this.#renditions.get(`source-${kind}`)?.close('publisher came back without it');
    }
  }

  #handleEnded(publication: Publication, reason: string, clean: boolean): void {
    // A publication that was taken over ends after its successor was let in.
    const takenOver = this.#publication !== publication;
    if (!takenOver) this.#publication = undefined;
    this.#logger.info({ reason, clean }, 'publisher left');
    if (this.#state.kind !== 'live') return;
    clearTimeout(this.#graceTimer);
    if (clean && !takenOver) {
      this.#handleGone(reason);
      return;
    }
    this.#setState({
      kind: 'interrupted',
      sinceUs: this.#clock.nowUs(),
      liveSinceUs: this.#state.sinceUs,
    });
    this.#graceTimer = setTimeout(
      () => this.#handleGone(`publisher did not come back within ${this.#options.graceMs} ms`),
      this.#options.graceMs,
    );
  }

  #handleGone(reason: string): void {
    if (this.#state.kind === 'closed') return;
    // State first: who hears of it may end outputs properly before their renditions close under them.
    this.#setState({ kind: 'waiting' });
    this.#closeRenditions(reason);
  }

  #closeRenditions(reason: string): void {
    for (const rendition of [...this.#renditions.values()]) rendition.close(reason);
  }

  #setState(state: StreamState): void {
    this.#state = state;
    this.emit('state', state);
  }
}
