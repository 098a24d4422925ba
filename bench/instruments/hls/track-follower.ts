// One rendition as a player follows it (RFC 8216 section 6.3): its playlist once per target duration, from three
// target durations before the live edge on, each segment once. Requests go out one after the other on a connection.
import type { HttpOutcome, KeepAliveConnection } from '../http/keep-alive-connection.ts';
import type { PlayerBook, RequestKind } from './player-book.ts';
import { type ListedSegment, type MediaPlaylist, parseMediaPlaylist } from './playlist.ts';

/** Segments before the live edge that a player begins with. */
const START_SEGMENTS = 3;
/** An answer that failed is asked for again after so long, ms. */
const RETRY_MS = 500;

export interface TrackFollowerOptions {
  /** Path of the media playlist. */
  readonly path: string;
  readonly connection: KeepAliveConnection;
  readonly book: PlayerBook;
  /** Added to the user agent: a player of its own to the server. */
  readonly agent: string;
}

/** See the head of the file. `begin` starts it, `stop` ends it; the connection is its owner's. */
export class TrackFollower {
  readonly #options: TrackFollowerOptions;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #initUri: string | undefined;
  /** Sequence number of the next segment to fetch. */
  #next: number | undefined;

  constructor(options: TrackFollowerOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#reload(performance.now());
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #reload(dueAt: number): void {
    this.#ask('playlist', this.#options.path, dueAt, (body) => {
      if (!body) return this.#reloadAt(performance.now() + RETRY_MS);
      const playlist = parseMediaPlaylist(body.toString());
      this.#options.book.countPlaylist(playlist, (uri) => this.#resolve(uri));
      const fresh = this.#pick(playlist);
      const targetMs = playlist.targetMs || 1000;
      // One that did not change is asked for again after half the time (section 6.3.4).
      const nextAt = dueAt + (fresh.length > 0 ? targetMs : targetMs / 2);
      const files = this.#filesOf(playlist, fresh);
      this.#fetchAll(files, () => !playlist.ended && this.#reloadAt(nextAt));
    });
  }

  #reloadAt(dueAt: number): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => this.#reload(dueAt), Math.max(0, dueAt - performance.now()));
  }

  /** Segments not fetched yet. */
  #pick({ segments }: MediaPlaylist): readonly ListedSegment[] {
    const newest = segments.at(-1)?.sequence;
    if (newest === undefined) return [];
    const oldest = segments[0]?.sequence ?? newest;
    const from = this.#next ?? Math.max(oldest, newest - START_SEGMENTS + 1);
    if (oldest > from) this.#options.book.countMissed(oldest - from);
    this.#next = newest + 1;
    return segments.filter(({ sequence }) => sequence >= from);
  }

  #filesOf({ initUri }: MediaPlaylist, fresh: readonly ListedSegment[]): File[] {
    const isFirst = this.#initUri === undefined;
    // Those a player begins with have been there for a while: their lateness says nothing.
    const files: File[] = fresh.map(({ uri }) => ({ path: this.#resolve(uri), isFresh: !isFirst }));
    if (initUri === undefined || initUri === this.#initUri) return files;
    this.#initUri = initUri;
    return [{ path: this.#resolve(initUri), isFresh: false }, ...files];
  }

  #fetchAll([first, ...rest]: readonly File[], done: () => void): void {
    if (!first) {
      done();
      return;
    }
    this.#ask('segment', first.path, performance.now(), (body) => {
      if (body && first.isFresh) this.#options.book.countFresh(first.path);
      this.#fetchAll(rest, done);
    });
  }

  /** `handle` gets the body, an empty one for segments; undefined when there was no good answer. */
  #ask(kind: RequestKind, path: string, dueAt: number, handle: (body: Buffer | undefined) => void): void {
    if (this.#isOver) return;
    const { connection, book, agent } = this.#options;
    const done = (outcome: HttpOutcome) => {
      if (this.#isOver) return;
      const isGood = book.countRequest(kind, outcome, dueAt);
      handle(isGood && outcome.kind === 'answer' ? (outcome.answer.body ?? NO_BODY) : undefined);
    };
    connection.get(path, done, { keepBody: kind === 'playlist', agent });
  }

  #resolve(uri: string): string {
    return new URL(uri, `http://host${this.#options.path}`).pathname;
  }
}

interface File {
  readonly path: string;
  readonly isFresh: boolean;
}

const NO_BODY = Buffer.alloc(0);
