// Playlists compressed once for all who ask for the same version.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** Bodies shorter than this are not worth it, bytes. */
const MIN_BYTES = 256;

/** Compressed bodies by key; of more than `maxEntries` the oldest is forgotten. */
export class GzipCache {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, Promise<Buffer>>();

  constructor(maxEntries = 512) {
    this.#maxEntries = maxEntries;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The body compressed; `key` must name its exact content. Undefined when it is too short to be worth it. */
  compressed(key: string, body: Buffer): Promise<Buffer> | undefined {
    if (body.length < MIN_BYTES) return undefined;
    const found = this.#entries.get(key);
    if (found) return found;
    const made = compress(body);
    this.#entries.set(key, made);
    made.catch(() => this.#entries.delete(key));
    if (this.#entries.size > this.#maxEntries) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    return made;
  }
}
