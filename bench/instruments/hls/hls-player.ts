// One HLS player without a decoder: reads the multivariant playlist once, takes one variant and its sound, and
// follows both, each on a connection of its own.
import {
  type ConnectionOptions,
  type HttpOutcome,
  KeepAliveConnection,
} from '../http/keep-alive-connection.ts';
import type { PlayerBook } from './player-book.ts';
import { parseVariants, type Variant } from './playlist.ts';
import { TrackFollower } from './track-follower.ts';

const RETRY_MS = 500;

export interface HlsPlayerOptions extends ConnectionOptions {
  /** Path of the multivariant playlist. */
  readonly path: string;
  readonly book: PlayerBook;
  /** Which player it is: its user agent, and which variant it takes. */
  readonly index: number;
}

/** A playing player. Whoever made it closes it, and calls `expire` now and then. */
export class HlsPlayer {
  readonly #options: HlsPlayerOptions;
  readonly #connections: KeepAliveConnection[] = [];
  readonly #tracks: TrackFollower[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: HlsPlayerOptions) {
    this.#options = options;
    this.#connections.push(new KeepAliveConnection(options));
    this.#join();
  }

  /** Whether it got as far as following a rendition. */
  get isPlaying(): boolean {
    return this.#tracks.length > 0;
  }

  expire(nowMs: number): void {
    for (const connection of this.#connections) connection.expire(nowMs);
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const track of this.#tracks) track.stop();
    for (const connection of this.#connections) connection.close();
  }

  get #agent(): string {
    return `/player-${this.#options.index}`;
  }

  #join(): void {
    const { path, book } = this.#options;
    const dueAt = performance.now();
    const done = (outcome: HttpOutcome) => {
      if (this.#isOver) return;
      const isGood = book.countRequest('playlist', outcome, dueAt);
      const body = isGood && outcome.kind === 'answer' ? outcome.answer.body : undefined;
      const variants = parseVariants(body?.toString() ?? '');
      const variant = variants[this.#options.index % Math.max(1, variants.length)];
      if (variant) this.#follow(variant);
      else this.#timer = setTimeout(() => this.#join(), RETRY_MS);
    };
    this.#connections[0]?.get(path, done, { keepBody: true, agent: this.#agent });
  }

  #follow({ uri, audioUri }: Variant): void {
    for (const [index, relative] of [uri, audioUri].entries()) {
      if (relative === undefined) continue;
      this.#connections[index] ??= new KeepAliveConnection(this.#options);
      const connection = this.#connections[index];
      const path = new URL(relative, `http://host${this.#options.path}`).pathname;
      const track = new TrackFollower({ path, connection, book: this.#options.book, agent: this.#agent });
      this.#tracks.push(track);
      track.begin();
    }
  }
}
