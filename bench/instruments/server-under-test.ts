// The real server as a child process on ports and a data folder of its own, driven through the outside
// contract only: environment, HTTP API, signals.
import { type ChildProcess, spawn } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import path from 'node:path';
import { listProcesses, type ProcessInfo, processTree } from './process-tree.ts';
import { ServerPlace } from './server-place.ts';

const READY_TIMEOUT_MS = 40_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL_CHARS = 200_000;
/** Lines of a server's output that may say why it ended. */
const COMPLAINT = /"level":"(warn|error|fatal)"|^\w*Error\b|^barrage:/;
const LAST_WORDS = 2;
const LAST_WORDS_CHARS = 300;
const ADMIN_TOKEN = 'bench-admin-token-0123456789abcdef';

/** A server that was ready and ended without being stopped or killed here publishes a sentence about it. */
export const serverEnded = channel('barrage-bench:server-ended');

export interface ServerUnderTestOptions {
  /** Further settings as environment, for example `BARRAGE_STREAM__GRACEMS`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ports and data folder to use; default: new ones, which end with the server. */
  readonly place?: ServerPlace;
}

/** A room as the API describes it. */
export interface RoomAccess {
  readonly id: string;
  readonly streamKey: string;
}

/** What is looked at of a stream as the API lists it. */
export interface StreamSummary {
  readonly room: string;
  readonly state: string;
}

/** A running server. Whoever started it stops it. */
export class ServerUnderTest {
  readonly origin: string;
  readonly rtmpUrl: string;
  readonly adminToken = ADMIN_TOKEN;
  readonly #child: ChildProcess;
  /** Undefined when the place is somebody else's. */
  readonly #ownPlace: ServerPlace | undefined;
  #log = '';
  #state: 'starting' | 'ready' | 'ending' = 'starting';
  #seen = new Map<number, ProcessInfo>();

  private constructor(child: ChildProcess, place: ServerPlace, isOwnPlace: boolean) {
    this.#child = child;
    this.#ownPlace = isOwnPlace ? place : undefined;
    this.origin = `http://127.0.0.1:${place.httpPort}`;
    this.rtmpUrl = `rtmp://127.0.0.1:${place.rtmpPort}/live`;
    const keep = (chunk: Buffer) => {
      this.#log = (this.#log + chunk.toString()).slice(-LOG_TAIL_CHARS);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('exit', (code, signal) => this.#onExit(signal ?? `exit code ${code}`));
  }

  /** Starts a server and waits until it says it is ready. Throws with its log when it does not. */
  static async start(options: ServerUnderTestOptions = {}): Promise<ServerUnderTest> {
    const place = options.place ?? (await ServerPlace.make());
    const root = path.join(import.meta.dirname, '../..');
    // A bench or test that is killed outright must not leave a server behind.
    const follow = `--import=${path.join(root, 'scripts/setup/follow-parent.ts')}`;
    const child = spawn(process.execPath, [follow, path.join(root, 'server/main.ts')], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...ownEnvironment(),
        BARRAGE_HTTP__PORT: String(place.httpPort),
        BARRAGE_RTMP__PORT: String(place.rtmpPort),
        BARRAGE_WEBRTC__PORT: String(place.webrtcPort),
        BARRAGE_DATA__DIR: place.dataDir,
        BARRAGE_AUTH__ADMINTOKEN: ADMIN_TOKEN,
        ...options.env,
      },
    });
    const server = new ServerUnderTest(child, place, !options.place);
    try {
      await server.#waitUntilReady();
      server.#state = 'ready';
      return server;
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The end of what the server printed. */
  get log(): string {
    return this.#log;
  }

  /** The server and its children at this moment; remembered, to find orphans after the stop. */
  processes(): ProcessInfo[] {
    const tree = processTree(this.pid);
    for (const process of tree) this.#seen.set(process.pid, process);
    return tree;
  }

  /** Calls the API as administrator; throws with status and body when it is not answered with success. */
  async api<T>(method: string, apiPath: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.origin}/api/v1${apiPath}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.adminToken}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${apiPath} answered ${response.status}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Makes a room and returns its stream key. */
  async createRoom(id: string): Promise<RoomAccess> {
    return this.api<RoomAccess>('POST', '/rooms', { id, title: id });
  }

  /** What OBS would be told for a room: server and key as one URL. */
  publishUrl(room: RoomAccess): string {
    return `${this.rtmpUrl}/${room.streamKey}`;
  }

  whepUrl(roomId: string): string {
    return `${this.origin}/live/${roomId}/whep`;
  }

  hlsUrl(roomId: string): string {
    return `${this.origin}/live/${roomId}/index.m3u8`;
  }

  watchUrl(roomId: string): string {
    return `${this.origin}/watch/${roomId}`;
  }

  /** Waits until the stream of a room can be played on WebRTC and, with `hls`, its playlist exists. */
  async waitUntilLive(roomId: string, options: { timeoutMs?: number; hls?: boolean } = {}): Promise<void> {
    const deadline = Date.now() + (options.timeoutMs ?? 20_000);
    for (;;) {
      const state = await this.#liveState(roomId);
      if (state === 'live' && (!options.hls || (await isOk(this.hlsUrl(roomId))))) return;
      if (Date.now() > deadline)
        throw new Error(`room ${roomId} is not live (${state}); log:\n${this.log.slice(-4000)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Every stream as the API lists it. */
  async streams(): Promise<readonly StreamSummary[]> {
    const answer = await this.api<readonly StreamSummary[] | { streams: readonly StreamSummary[] }>(
      'GET',
      '/streams',
    );
    return 'streams' in answer ? answer.streams : answer;
  }

  async #liveState(roomId: string): Promise<string> {
    return (await this.streams()).find(({ room }) => room === roomId)?.state ?? 'not listed';
  }

  /** SIGTERM and wait; returns how long it took and the children it left behind. */
  async stop(): Promise<{
    readonly code: number | null;
    readonly tookMs: number;
    readonly orphans: ProcessInfo[];
  }> {
    this.processes();
    this.#state = 'ending';
    const startedAt = performance.now();
    const exited = this.running ? once(this.#child, 'exit') : Promise.resolve();
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
    const tookMs = performance.now() - startedAt;
    const orphans = this.#orphans();
    await this.#cleanUp();
    return { code: this.#child.exitCode, tookMs, orphans };
  }

  /** SIGKILL to the server and whatever it leaves behind. */
  async kill(): Promise<void> {
    this.processes();
    this.#state = 'ending';
    if (this.running) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
    for (const { pid } of this.#orphans()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone meanwhile.
      }
    }
    await this.#cleanUp();
  }

  /** Stops it; of one that ended by itself, ends what it left behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) await this.stop();
    else await this.kill();
  }

  #onExit(how: string): void {
    if (this.#state !== 'ready') return;
    const complaints = this.log.split('\n').filter((line) => COMPLAINT.test(line));
    const lastWords = complaints.slice(-LAST_WORDS).map((line) => line.slice(0, LAST_WORDS_CHARS));
    const said = lastWords.length > 0 ? `; it said: ${lastWords.join(' ')}` : '';
    serverEnded.publish(`the server under test ended in the middle of the run (${how})${said}`);
  }

  /** Children seen while the server ran that still run; a pid reused by another program is told by its name. */
  #orphans(): ProcessInfo[] {
    return listProcesses().filter(({ pid, name }) => pid !== this.pid && this.#seen.get(pid)?.name === name);
  }

  async #cleanUp(): Promise<void> {
    this.#seen.clear();
    await this.#ownPlace?.[Symbol.asyncDispose]();
  }

  async #waitUntilReady(): Promise<void> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (this.running && Date.now() < deadline) {
      if (await isOk(`${this.origin}/readyz`)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const how = this.running
      ? `not ready within ${READY_TIMEOUT_MS} ms`
      : `ended with ${this.#child.exitCode}`;
    throw new Error(`the server is ${how}; its output:\n${this.log.slice(-4000)}`);
  }
}

/** This process's environment without settings meant for another server. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BARRAGE_')));
}

async function isOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
