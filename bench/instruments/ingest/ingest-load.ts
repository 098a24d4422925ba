// Publishers on a server, up and down to a wanted number, and what a stretch of time with them cost the server.
// Judges nothing: what is still good enough is the scenario's to say.
import path from 'node:path';
import { pause } from '../../scenario.ts';
import { CpuAccount, type CpuUse } from '../cpu-account.ts';
import type { GeneratorLoad } from '../load/generator-load.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import { processTree } from '../process-tree.ts';
import type { RtmpLoadMethods } from '../rtmp/rtmp-load.ts';
import type { ClipFile } from '../rtmp/source-clips.ts';
import { monotonicMs, nextSequence, waitForPlaylist } from './hls-progress.ts';
import type { IngestStream, IngestTarget } from './ingest-target.ts';
import { tcpBacklogs } from './tcp-backlog.ts';

const RTMP_LOAD_MODULE = path.join(import.meta.dirname, '../rtmp/rtmp-load.ts');
const PLAYLIST_TIMEOUT_MS = 20_000;
const LIVE_POLL_MS = 100;
/** Publishers start this far apart, and no more than this long one after the other. */
const SPACING_MS = 60;
const LONGEST_START_MS = 4_000;
const BACKLOG_EVERY_MS = 500;
/** Playlists asked at the beginning and the end of a stretch: asking all of hundreds would be load of its own. */
const PLAYLISTS_ASKED = 32;

/** How publishers started on this server; times in ms since they began to connect. */
export interface StartTimes {
  readonly toPlaylistMs: number[];
  readonly toLiveMs: number[];
  /** Why some did not. */
  readonly failures: string[];
}

/** A stretch of time with all publishers running. */
export interface IngestStretch {
  readonly streams: number;
  readonly cpu: CpuUse;
  readonly generator: GeneratorLoad;
  /** Publishers that were cut off, with why. */
  readonly lost: readonly string[];
  /** Streams of those asked whose playlist did not advance with the clock. */
  readonly laggingPlaylists: number;
  /** Media that the server had not read, of the connection furthest behind, ms at the mean bit rate. */
  readonly backlogMs: number;
  /** How late the generator itself was, ms. */
  readonly generatorLateMs: number;
  readonly loopDelayMs: number | undefined;
  /** Resident memory of all processes of the server at the end. */
  readonly rssBytes: number;
}

/** Publishers and their streams. Whoever made it disposes of it, before the server. */
export class IngestLoad {
  readonly kbps: number;
  readonly #target: IngestTarget;
  readonly #generator: GeneratorProcess<RtmpLoadMethods>;
  readonly #signal: AbortSignal;
  #streams: IngestStream[] = [];

  private constructor(
    target: IngestTarget,
    generator: { process: GeneratorProcess<RtmpLoadMethods>; kbps: number },
    signal: AbortSignal,
  ) {
    this.#target = target;
    this.#generator = generator.process;
    this.kbps = generator.kbps;
    this.#signal = signal;
  }

  static async start(target: IngestTarget, clip: ClipFile, signal: AbortSignal): Promise<IngestLoad> {
    await using stack = new AsyncDisposableStack();
    const process = stack.use(await GeneratorProcess.start<RtmpLoadMethods>(RTMP_LOAD_MODULE));
    const { kbps } = await process.call('load', { ...clip });
    stack.move();
    return new IngestLoad(target, { process, kbps }, signal);
  }

  /** Brings the number of publishers to `count`, waits until every new one can be watched, and tells of these. */
  async bringTo(count: number): Promise<StartTimes> {
    const starts: StartTimes = { toPlaylistMs: [], toLiveMs: [], failures: [] };
    if (count < this.#streams.length) {
      await this.#generator.call('trim', { keep: count });
      this.#streams = this.#streams.slice(0, count);
      return starts;
    }
    const fresh = await this.#target.open(count - this.#streams.length);
    if (fresh.length === 0) return starts;
    const spacingMs = Math.min(SPACING_MS, LONGEST_START_MS / fresh.length);
    const watching = fresh.map((stream) =>
      waitForPlaylist(stream.playlistUrl, { timeoutMs: PLAYLIST_TIMEOUT_MS, signal: this.#signal }),
    );
    const live = this.#watchLive(fresh);
    const urls = fresh.map(({ publishUrl }) => publishUrl);
    const started = await this.#generator.call('start', { urls, spacingMs });
    const playlistsAt = await Promise.all(watching);
    const liveAt = await live;
    this.#streams.push(...fresh);
    for (const [index, { connectingAtMs, error }] of started.entries()) {
      const [playlistAt, apiAt] = [playlistsAt[index], liveAt?.get(fresh[index]?.name ?? '')];
      if (playlistAt !== undefined) starts.toPlaylistMs.push(playlistAt - connectingAtMs);
      else starts.failures.push(error ?? `no playlist within ${PLAYLIST_TIMEOUT_MS / 1000} s`);
      if (apiAt !== undefined) starts.toLiveMs.push(apiAt - connectingAtMs);
    }
    return starts;
  }

  /** Measures for `seconds` with the publishers there are. */
  async hold(seconds: number, segmentS: number): Promise<IngestStretch> {
    const target = this.#target;
    const asked = this.#streams.slice(-PLAYLISTS_ASKED);
    const before = await Promise.all(asked.map(({ playlistUrl }) => nextSequence(playlistUrl)));
    await target.takeLoopDelayMs();
    await this.#generator.call('state', undefined);
    await this.#generator.takeLoad();
    const cpu = new CpuAccount({
      server: () => target.pid,
      generator: () => this.#generator.pid,
      bench: () => process.pid,
    });
    const backlogBytes = await this.#watchBacklog(seconds);
    const used = cpu.read();
    const generator = await this.#generator.takeLoad();
    const state = await this.#generator.call('state', undefined);
    const loopDelayMs = await target.takeLoopDelayMs();
    const after = await Promise.all(asked.map(({ playlistUrl }) => nextSequence(playlistUrl)));
    const expected = Math.floor((used.wallSeconds - 1.5 * segmentS) / segmentS);
    return {
      streams: this.#streams.length,
      ...{ cpu: used, generator, loopDelayMs },
      lost: state.lost.map(({ reason }) => reason),
      laggingPlaylists: after.filter((next, index) => (next ?? 0) - (before[index] ?? 0) < expected).length,
      backlogMs: ((backlogBytes + state.maxUnsentBytes) * 8) / this.kbps,
      generatorLateMs: state.maxLateMs,
      rssBytes: this.serverRssBytes(),
    };
  }

  /** Resident memory of the server's processes now. */
  serverRssBytes(): number {
    return processTree(this.#target.pid).reduce((sum, { rssBytes }) => sum + rssBytes, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#generator[Symbol.asyncDispose]();
  }

  /** The largest backlog of a connection that lasted from one look to the next: a key frame's burst does not. */
  async #watchBacklog(seconds: number): Promise<number> {
    const deadline = performance.now() + seconds * 1000;
    let [last, lasting] = [0, 0];
    while (performance.now() < deadline && !this.#signal.aborted) {
      await pause(Math.min(BACKLOG_EVERY_MS, deadline - performance.now()), this.#signal);
      const now = Math.max(0, ...tcpBacklogs(this.#target.rtmpPort));
      lasting = Math.max(lasting, Math.min(now, last));
      last = now;
    }
    return lasting;
  }

  /** When each stream was first called live by the server's API; undefined when it has none. */
  async #watchLive(streams: readonly IngestStream[]): Promise<ReadonlyMap<string, number> | undefined> {
    const seen = new Map<string, number>();
    const deadline = performance.now() + PLAYLIST_TIMEOUT_MS;
    while (seen.size < streams.length && performance.now() < deadline && !this.#signal.aborted) {
      const live = await this.#target.findLive();
      if (live === undefined) return undefined;
      const atMs = monotonicMs();
      for (const { name } of streams) if (live.has(name) && !seen.has(name)) seen.set(name, atMs);
      await pause(LIVE_POLL_MS, this.#signal);
    }
    return seen;
  }
}
