// What a scenario with players needs around it: a server (ours, or one elsewhere), a room, a browser and the
// plain pages. Everything it starts ends with it.
import { availableParallelism } from 'node:os';
import type { ParseArgsOptionsConfig } from 'node:util';
import { PlayerBrowser } from './instruments/browser.ts';
import { PageServer } from './instruments/page-server.ts';
import { Publisher, type PublisherOptions } from './instruments/publisher.ts';
import { ServerUnderTest } from './instruments/server-under-test.ts';
import { OptionError, readNumber } from './option-values.ts';
import type { OptionValues, ScenarioContext } from './scenario.ts';
import { readTarget } from './target.ts';

/** Options of every scenario that can be pointed at a server elsewhere. */
export const TARGET_OPTIONS = {
  target: { type: 'string' },
  publish: { type: 'string' },
  room: { type: 'string' },
  'ladder-cores': { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const TARGET_HELP = {
  target: 'base URL of a running server, for example http://127.0.0.1:8080; default: one is started',
  publish: 'RTMP URL with stream key of the room (with --target)',
  room: 'room of that key (with --target); default demo',
  'ladder-cores':
    'cores the ladder of the server started here may use; default 0.2 of them: publisher and browser need the rest',
} as const;

/** Throws an OptionError for a value of {@link TARGET_OPTIONS} that makes no sense, and for a target alone. */
export function checkTargetOptions(options: OptionValues): void {
  readLadderCores(options);
  if (readTarget(options) !== undefined && options['publish'] === undefined)
    throw new OptionError('--target needs --publish rtmp://HOST/live/STREAM_KEY');
}

/** Of the machine's cores. */
const LADDER_SHARE = 0.2;

/** The publisher and the browser of a bench run elsewhere in life: without room for them the ladder falls behind. */
function readLadderCores(options: OptionValues): number {
  return readNumber(options['ladder-cores'], 'ladder-cores', availableParallelism() * LADDER_SHARE);
}

/** URLs of the room under measurement. */
export interface RoomUrls {
  readonly publish: string;
  readonly whep: string;
  readonly hls: string;
  readonly watch: string;
}

/** The surroundings of a run. Closing it ends browser, publisher and server, in this order. */
export class Testbed {
  readonly browser: PlayerBrowser;
  readonly pages: PageServer;
  readonly urls: RoomUrls;
  readonly server: ServerUnderTest | undefined;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: Parts, stack: AsyncDisposableStack) {
    this.browser = parts.browser;
    this.pages = parts.pages;
    this.urls = parts.urls;
    this.server = parts.server;
    this.#stack = stack;
  }

  static async open(context: ScenarioContext): Promise<Testbed> {
    await using stack = new AsyncDisposableStack();
    context.progress('starting the server');
    const { server, urls } = await openServer(context);
    if (server) stack.use(server);
    context.progress('starting Chromium');
    const pages = await PageServer.start();
    stack.defer(() => pages.close());
    const browser = stack.use(await PlayerBrowser.launch());
    context.noteVersion('Chromium', browser.version.replace(/^Chromium /, ''));
    return new Testbed({ browser, pages, urls, server }, stack.move());
  }

  /** Starts publishing into the room and waits until it can be played. */
  async publish(context: ScenarioContext, options: Omit<PublisherOptions, 'url'>): Promise<Publisher> {
    context.progress('publishing, waiting for the first playlist');
    const publisher = this.#stack.use(new Publisher({ ...options, url: this.urls.publish }));
    const deadline = Date.now() + 40_000;
    while (!(await answers(this.urls.hls))) {
      if (context.signal.aborted) throw new Error('interrupted');
      if (!publisher.running) throw new Error(`the publisher ended: ${publisher.stderrTail}`);
      if (Date.now() > deadline) throw new Error(`no playlist at ${this.urls.hls} after 40 s`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    return publisher;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

interface Parts {
  readonly browser: PlayerBrowser;
  readonly pages: PageServer;
  readonly urls: RoomUrls;
  readonly server: ServerUnderTest | undefined;
}

async function openServer(context: ScenarioContext): Promise<Pick<Parts, 'server' | 'urls'>> {
  const origin = readTarget(context.options);
  if (origin !== undefined) {
    const room = String(context.options['room'] ?? 'demo');
    return { server: undefined, urls: roomUrls(origin, room, String(context.options['publish'])) };
  }
  const maxCores = String(readLadderCores(context.options));
  const server = await ServerUnderTest.start({ env: { BARRAGE_LADDER__MAXCORES: maxCores } });
  const room = await server.createRoom('bench');
  return { server, urls: roomUrls(server.origin, room.id, server.publishUrl(room)) };
}

function roomUrls(origin: string, room: string, publish: string): RoomUrls {
  const live = `${origin}/live/${room}`;
  return { publish, whep: `${live}/whep`, hls: `${live}/index.m3u8`, watch: `${origin}/watch/${room}` };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
