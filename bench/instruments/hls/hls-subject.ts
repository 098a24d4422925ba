// What an HLS scenario measures: somebody who serves playlists and segments. Barrage with a stream published into
// it; rivals' are in rivals/.
import path from 'node:path';
import { pause, type ScenarioContext } from '../../scenario.ts';
import { GeneratorProcess } from '../load/generator-process.ts';
import type { RtmpLoadMethods } from '../rtmp/rtmp-load.ts';
import { type ClipOptions, findOrMakeClip } from '../rtmp/source-clips.ts';
import { ServerUnderTest } from '../server-under-test.ts';
import { fetchSnapshot, type HlsPaths, pathsOf } from './hls-snapshot.ts';

const PUBLISHER = path.join(import.meta.dirname, '../rtmp/rtmp-load.ts');
const LIVE_TIMEOUT_MS = 30_000;
const SEGMENT_MS = 2_000;
const POLL_MS = 200;
/** RTMP to HLS and nothing else: no encoder runs, so that what is measured is the serving. */
const SETTINGS = { BARRAGE_LADDER__RUNGS: '[]', BARRAGE_LADDER__OPUS: 'never' };

/** Somebody who serves HLS. Whoever started it disposes of it. */
export interface HlsSubject extends AsyncDisposable {
  readonly origin: string;
  /** Root of the processes that serve; undefined when they run elsewhere. */
  readonly pid: number | undefined;
  /** Root of the publisher's; undefined without one. */
  readonly publisherPid: number | undefined;
  /** URL of the multivariant playlist. */
  readonly url: string;
  /** What can be asked for now. */
  paths(): Promise<HlsPaths>;
}

/** Barrage, or a server elsewhere into which a stream is published already. */
export class BarrageHls implements HlsSubject {
  readonly origin: string;
  readonly url: string;
  readonly #server: ServerUnderTest | undefined;
  readonly #publisher: GeneratorProcess<RtmpLoadMethods> | undefined;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: {
    readonly origin: string;
    readonly room: string;
    readonly stack: AsyncDisposableStack;
    readonly server?: ServerUnderTest;
    readonly publisher?: GeneratorProcess<RtmpLoadMethods>;
  }) {
    this.origin = parts.origin;
    this.url = `${parts.origin}/live/${parts.room}/index.m3u8`;
    this.#server = parts.server;
    this.#publisher = parts.publisher;
    this.#stack = parts.stack;
  }

  /** Starts a server, publishes a clip into it and waits until its playlists list `segments`. */
  static async start(
    clip: ClipOptions,
    segments: number,
    { signal, progress }: Pick<ScenarioContext, 'signal' | 'progress'>,
  ): Promise<BarrageHls> {
    const file = await findOrMakeClip(clip, signal);
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await ServerUnderTest.start({ env: SETTINGS }));
    const room = await server.createRoom('bench');
    const publisher = stack.use(await GeneratorProcess.start<RtmpLoadMethods>(PUBLISHER));
    await publisher.call('load', file);
    const [start] = await publisher.call('start', { urls: [server.publishUrl(room)], spacingMs: 0 });
    if (start?.error !== undefined) throw new Error(`the publisher was refused: ${start.error}`);
    await server.waitUntilLive(room.id, { timeoutMs: LIVE_TIMEOUT_MS, hls: true });
    progress(`waiting for ${segments} segments`);
    await waitForSegments(server.hlsUrl(room.id), segments, signal);
    return new BarrageHls({ origin: server.origin, room: room.id, server, publisher, stack: stack.move() });
  }

  /** A server elsewhere. @throws Error when no stream can be played there. */
  static async at(target: string, room: string): Promise<BarrageHls> {
    const origin = target.replace(/\/+$/, '');
    const subject = new BarrageHls({ origin, room, stack: new AsyncDisposableStack() });
    try {
      await subject.paths();
    } catch (error) {
      const reason = (error as Error).message;
      throw new Error(`nothing to play at ${subject.url} (${reason}): publish into the room first`);
    }
    return subject;
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  get publisherPid(): number | undefined {
    return this.#publisher?.pid;
  }

  async paths(): Promise<HlsPaths> {
    return pathsOf((await fetchSnapshot(this.url)).files);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Playlists of a stream that has just begun are shorter, and so is its first segment. */
async function waitForSegments(url: string, wanted: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + LIVE_TIMEOUT_MS + wanted * SEGMENT_MS;
  for (;;) {
    const { files } = await fetchSnapshot(url);
    const playlists = files.filter(({ kind }) => kind === 'playlist').length;
    const segments = files.filter(({ kind }) => kind === 'segment').length;
    if (segments >= wanted * playlists || signal.aborted) return;
    if (Date.now() > deadline) throw new Error(`${url} lists ${segments} segments in ${playlists} playlists`);
    await pause(POLL_MS, signal);
  }
}
