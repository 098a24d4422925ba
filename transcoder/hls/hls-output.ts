// HLS of one stream: takes renditions, keeps their windows and answers for the files below the room's
// folder. HTTP itself (status, compression, CORS) is the server's.
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { BarrageError } from '../../core/errors.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import type { RenditionPort } from '../../core/rendition.ts';
import { Eras } from './eras.ts';
import type { HlsOptions } from './hls-options.ts';
import { HlsRendition } from './hls-rendition.ts';
import { buildMultivariantPlaylist } from './multivariant-playlist.ts';
import type { HlsSegment } from './segment.ts';
import { gridCell, videoGrid } from './segment-grid.ts';
import type { SegmentFile } from './segment-window.ts';

/** A file to be served, with its caching rules. */
export interface HlsResource {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly body: Buffer;
  readonly etag?: string;
  /** Worth compressing (playlists). */
  readonly compressible: boolean;
}

export interface HlsOutputOptions {
  readonly options: HlsOptions;
  readonly logger: Logger;
}

interface HlsOutputEvents {
  ready: [];
  ended: [reason: string];
}

type State =
  | { readonly kind: 'starting' | 'ready' }
  | { readonly kind: 'ended' | 'closed'; readonly reason: string };

/** A rendition that has nothing yet when another one has this many segments does not hold up the rest. */
const LATE_SEGMENTS = 3;
/**
 * Sound alone waits longer: it may be passed through, and so be there before ffmpeg has made the first picture.
 * A player that found nothing but sound would stay with it, since the multivariant playlist is read once.
 */
const LONE_SOUND_SEGMENTS = 4;
/** A rendition this many target durations behind the foremost has stalled; gaps fill all but one of them. */
const STALLED_TARGETS = 3;

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const PLAYLIST_CACHE = 'public, max-age=1, must-revalidate';
const MEDIA_CACHE = 'public, max-age=31536000, immutable';

/** See the head of the file. `end` finishes the playlists and keeps serving; `close` frees everything. */
export class HlsOutput implements Closable {
  readonly #options: HlsOptions;
  readonly #logger: Logger;
  readonly #events = new EventEmitter<HlsOutputEvents>();
  readonly #renditions = new Map<string, HlsRendition>();
  readonly #eras = new Eras();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** What was asked for since the last change, by path. */
  readonly #resources = new Map<string, HlsResource>();
  #originCell: number | undefined;
  #state: State = { kind: 'starting' };

  constructor({ options, logger }: HlsOutputOptions) {
    this.#options = options;
    this.#logger = logger;
    this.#events.setMaxListeners(0);
  }

  get state(): State['kind'] {
    return this.#state.kind;
  }

  /**
   * Adds a rendition, until it closes. One whose id is known goes on in that playlist behind a
   * discontinuity; one that closes has the grace time to come back before its playlist ends and it
   * leaves the multivariant playlist.
   * @throws BarrageError `UNAVAILABLE` after the end.
   */
  addRendition(port: RenditionPort): void {
    if (this.#isOver()) throw new BarrageError('UNAVAILABLE', `HLS output has ended, no room for ${port.id}`);
    const known = this.#renditions.get(port.id);
    if (known && known.state !== 'ended' && known.kind === port.track.kind) {
      known.resume(port);
      return;
    }
    known?.close('replaced');
    const rendition = new HlsRendition(port, {
      ...{ hls: this.#options, eras: this.#eras, logger: this.#logger },
      firstSequence: (startUs) => this.#firstSequence(startUs),
      onChanged: () => this.#handleChange(),
      onEnded: () => this.#handleEnd(rendition),
    });
    this.#renditions.set(port.id, rendition);
    rendition.window.on('segment', (segment) => {
      this.#skipStalled(segment);
      if (rendition.kind === 'video') this.#dropLeftBehind(rendition);
    });
    this.#logger.info({ rendition: port.id, codec: port.track.codecString }, 'HLS rendition added');
    this.#handleChange();
  }

  /** The rendition of an id, for its window's events. */
  findRendition(id: string): HlsRendition | undefined {
    return this.#renditions.get(id);
  }

  /**
   * The file at a path relative to the room's folder; undefined when there is none (or not yet). Between changes of
   * the output it is the same object, so that what is made from it can be kept with it.
   */
  resolve(path: string): HlsResource | undefined {
    const known = this.#resources.get(path);
    if (known) return known;
    const found = this.#make(path);
    if (found) this.#resources.set(path, found);
    return found;
  }

  /**
   * Resolves when the multivariant playlist can be played: each rendition has a segment, apart from those
   * that are late by some segments already. Rejects with the signal's reason.
   * @throws BarrageError `STREAM_NOT_LIVE` when the output ends before that.
   */
  async waitUntilReady(signal: AbortSignal): Promise<void> {
    if (this.#state.kind === 'starting') {
      const done = new AbortController();
      const either = AbortSignal.any([signal, done.signal]);
      const waits = [
        once(this.#events, 'ready', { signal: either }),
        once(this.#events, 'ended', { signal: either }),
      ];
      await Promise.race(waits).catch((error: unknown) => {
        throw signal.aborted ? signal.reason : error;
      });
      // The loser of the race must neither stay subscribed nor reject into nowhere.
      const settled = Promise.allSettled(waits);
      done.abort();
      await settled;
    }
    if (this.#state.kind !== 'ready') throw new BarrageError('STREAM_NOT_LIVE', 'the HLS output has ended');
  }

  /** Ends every playlist; what is in the windows can still be fetched until `close`. */
  end(reason: string): void {
    if (this.#isOver()) return;
    this.#state = { kind: 'ended', reason };
    for (const rendition of this.#renditions.values()) rendition.end(reason);
    this.#resources.clear();
    this.#logger.info({ reason }, 'HLS output ended');
    this.#events.emit('ended', reason);
  }

  close(reason: string): void {
    if (this.#state.kind === 'closed') return;
    this.end(reason);
    this.#state = { kind: 'closed', reason };
    for (const timer of this.#timers) clearTimeout(timer);
    for (const rendition of this.#renditions.values()) rendition.close(reason);
    this.#timers.clear();
    this.#renditions.clear();
    this.#resources.clear();
  }

  describe(): Record<string, unknown> {
    const renditions = [...this.#renditions.values()].map((rendition) => rendition.describe());
    return { state: this.#state.kind, era: this.#eras.latest, renditions };
  }

  #isOver(): boolean {
    return this.#state.kind === 'ended' || this.#state.kind === 'closed';
  }

  #firstSequence(startUs: number): number {
    const cell = gridCell(startUs, videoGrid(this.#options.segmentMs * 1000));
    this.#originCell ??= cell;
    return Math.max(0, cell - this.#originCell);
  }

  #handleChange(): void {
    this.#resources.clear();
    if (this.#state.kind !== 'starting' || !this.#isReady()) return;
    this.#state = { kind: 'ready' };
    this.#events.emit('ready');
  }

  #handleEnd(rendition: HlsRendition): void {
    this.#resources.clear();
    if (this.#isOver()) return;
    const { segmentMs, windowSegments } = this.#options;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        rendition.window.clear();
        this.#resources.clear();
        if (this.#renditions.get(rendition.id) === rendition) this.#renditions.delete(rendition.id);
      },
      segmentMs * windowSegments * 2,
    );
    this.#timers.add(timer);
    this.#handleChange();
  }

  #isReady(): boolean {
    const going = [...this.#renditions.values()].filter((each) => each.state !== 'ended');
    const foremost = Math.max(0, ...going.map((each) => each.window.segmentCount));
    if (!going.some((each) => each.kind === 'video')) return foremost >= LONE_SOUND_SEGMENTS;
    return foremost >= LATE_SEGMENTS || (foremost > 0 && going.every((each) => each.window.playable));
  }

  #skipStalled(segment: HlsSegment): void {
    if (segment.kind === 'gap') return;
    const targetUs = this.#options.segmentMs * 1000;
    const foremostUs = segment.startUs + segment.durationUs;
    for (const rendition of this.#renditions.values()) {
      const { endUs } = rendition.window;
      if (endUs === undefined || foremostUs - endUs < STALLED_TARGETS * targetUs) continue;
      rendition.skipTo(foremostUs - targetUs);
    }
  }

  /**
   * A rung whose port closed while another's goes on is not interrupted, it has left the ladder. Its playlist is
   * taken away rather than left standing: a player that finds it gone takes another variant, one that finds
   * it unchanged waits until its buffer is empty.
   */
  #dropLeftBehind(ahead: HlsRendition): void {
    const aheadUs = ahead.window.endUs ?? 0;
    for (const rendition of [...this.#renditions.values()]) {
      if (rendition.kind !== 'video' || rendition.state !== 'interrupted') continue;
      if (aheadUs - (rendition.window.endUs ?? 0) < this.#options.segmentMs * 1000) continue;
      this.#renditions.delete(rendition.id);
      rendition.close('left behind by the other rungs');
      this.#resources.clear();
    }
  }

  #multivariant(): string | undefined {
    if (this.#state.kind === 'starting') return undefined;
    const shown = [...this.#renditions.values()].filter(
      (each) => each.window.playable && (this.#isOver() || each.state !== 'ended'),
    );
    const videos = shown.map((each) => each.videoLine()).filter((line) => line !== undefined);
    const audios = shown.map((each) => each.audioLine()).filter((line) => line !== undefined);
    return shown.length > 0 ? buildMultivariantPlaylist({ videos, audios }) : undefined;
  }

  #make(path: string): HlsResource | undefined {
    if (path === 'index.m3u8') return playlistResource(this.#multivariant());
    const slash = path.indexOf('/');
    const rendition = this.#renditions.get(path.slice(0, Math.max(slash, 0)));
    if (!rendition) return undefined;
    const name = path.slice(slash + 1);
    if (name === 'index.m3u8') return playlistResource(rendition.playlist());
    const file = rendition.window.find(name);
    return file && mediaResource(file, rendition.kind, name);
  }
}

/** An output without renditions yet; its owner closes it. */
export function createHlsOutput(options: HlsOutputOptions): HlsOutput {
  return new HlsOutput(options);
}

function playlistResource(text: string | undefined): HlsResource | undefined {
  if (text === undefined) return undefined;
  const body = Buffer.from(text);
  const hash = createHash('sha1').update(body).digest('base64url').slice(0, 16);
  // Weak: the same playlist goes out compressed or not.
  return {
    ...{ contentType: PLAYLIST_TYPE, cacheControl: PLAYLIST_CACHE, body, compressible: true },
    etag: `W/"${hash}"`,
  };
}

function mediaResource(file: SegmentFile, kind: 'video' | 'audio', name: string): HlsResource {
  return {
    ...{ contentType: `${kind}/mp4`, cacheControl: MEDIA_CACHE, body: file.body, compressible: false },
    etag: `"${name}"`,
  };
}
