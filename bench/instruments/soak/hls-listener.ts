// An HLS player without a screen: follows a variant and its sound as players do, fetches every segment once, and
// notices when its buffer would have run empty. Decodes nothing.
import { pause } from '../../scenario.ts';
import { type ListedSegment, readSegments, readVariants } from './media-playlist.ts';

const POLL_MS = 250;
const REQUEST_TIMEOUT_MS = 10_000;
/** Segments a player holds before it starts (RFC 8216 section 6.3.3). */
const START_SEGMENTS = 3;
/** Segments remembered as fetched: more than any playlist lists. */
const REMEMBERED = 100;

/** What became of the players of a process, together. */
export interface HlsCounts {
  segments: number;
  bytes: number;
  stalls: number;
  stalledMs: number;
  /** By HTTP status or error. */
  readonly errors: Record<string, number>;
}

export interface HlsListenerOptions {
  /** Of the multivariant playlist. */
  readonly url: string;
  readonly counts: HlsCounts;
  /** A new segment of the picture was seen: how long ago, ms, its media time ended. */
  readonly onLag?: ((lagMs: number) => void) | undefined;
}

/** One player, from its making until it is closed. */
export class HlsListener {
  readonly #options: HlsListenerOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<unknown>;

  constructor(options: HlsListenerOptions) {
    this.#options = options;
    this.#done = this.#play();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #play(): Promise<void> {
    const { url, onLag } = this.#options;
    let variants: readonly string[] = [];
    while (variants.length === 0 && !this.#stop.signal.aborted) {
      variants = readVariants((await this.#fetchText(url)) ?? '');
      if (variants.length === 0) await pause(POLL_MS, this.#stop.signal);
    }
    const [picture, ...others] = variants.map((uri) => new URL(uri, url).href);
    const tracks = [
      ...(picture ? [this.#follow(picture, onLag)] : []),
      ...others.map((uri) => this.#follow(uri)),
    ];
    await Promise.all(tracks);
  }

  async #follow(url: string, onLag?: (lagMs: number) => void): Promise<void> {
    const fetched = new Set<string>();
    const buffer = new PlayBuffer(this.#options.counts);
    while (!this.#stop.signal.aborted) {
      const segments = readSegments((await this.#fetchText(url)) ?? '');
      const fresh = segments.filter(({ uri }) => !fetched.has(uri));
      const newest = fresh.at(-1);
      if (newest) reportLag(newest, onLag);
      // A player begins near the live edge, not at the oldest segment.
      for (const { uri, durationMs } of fetched.size === 0 ? fresh.slice(-START_SEGMENTS) : fresh) {
        const isThere = await this.#fetchSegment(new URL(uri, url).href);
        if (isThere) buffer.add(durationMs, performance.now());
      }
      remember(fetched, segments);
      await pause(POLL_MS, this.#stop.signal);
    }
  }

  async #fetchSegment(url: string): Promise<boolean> {
    const body = await this.#fetch(url, async (response) => (await response.arrayBuffer()).byteLength);
    if (body === undefined) return false;
    this.#options.counts.segments++;
    this.#options.counts.bytes += body;
    return true;
  }

  #fetchText(url: string): Promise<string | undefined> {
    return this.#fetch(url, (response) => response.text());
  }

  async #fetch<T>(url: string, read: (response: Response) => Promise<T>): Promise<T | undefined> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    try {
      const response = await fetch(url, { signal });
      const body = await read(response);
      if (response.ok) return body;
      this.#countError(`HTTP ${response.status}`);
    } catch (error) {
      const { name, cause } = error as Error & { cause?: { code?: string } };
      if (!this.#stop.signal.aborted) this.#countError(cause?.code ?? name);
    }
    return undefined;
  }

  #countError(name: string): void {
    const { errors } = this.#options.counts;
    errors[name] = (errors[name] ?? 0) + 1;
  }
}

function remember(fetched: Set<string>, segments: readonly ListedSegment[]): void {
  for (const { uri } of segments) fetched.add(uri);
  for (const uri of [...fetched].slice(0, Math.max(0, fetched.size - REMEMBERED))) fetched.delete(uri);
}

function reportLag(segment: ListedSegment, onLag: ((lagMs: number) => void) | undefined): void {
  if (segment.programDateMs === undefined) return;
  onLag?.(Date.now() - segment.programDateMs - segment.durationMs);
}

/** Plays what is added at the pace of the clock, once there is enough; times are handed in. */
export class PlayBuffer {
  readonly #counts: Pick<HlsCounts, 'stalls' | 'stalledMs'>;
  #segments = 0;
  #bufferedMs = 0;
  /** When the buffer runs empty; undefined before playing. */
  #emptyAtMs: number | undefined;

  constructor(counts: Pick<HlsCounts, 'stalls' | 'stalledMs'>) {
    this.#counts = counts;
  }

  add(durationMs: number, nowMs: number): void {
    this.#segments++;
    this.#bufferedMs += durationMs;
    if (this.#emptyAtMs === undefined) {
      if (this.#segments >= START_SEGMENTS) this.#emptyAtMs = nowMs + this.#bufferedMs;
      return;
    }
    if (nowMs > this.#emptyAtMs) {
      this.#counts.stalls++;
      this.#counts.stalledMs += nowMs - this.#emptyAtMs;
    }
    this.#emptyAtMs = Math.max(nowMs, this.#emptyAtMs) + durationMs;
  }
}
