// For end-to-end tests: one server, browsers and publishers that end with the test, and waits with deadlines.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';
import { PlayerBrowser } from '../../bench/instruments/browser.ts';
import { PageServer } from '../../bench/instruments/page-server.ts';
import { Publisher, type PublisherOptions } from '../../bench/instruments/publisher.ts';
import { type RoomAccess, ServerUnderTest } from '../../bench/instruments/server-under-test.ts';

/** A picture small enough that tests about something else than quality leave the machine room to breathe. */
export const SMALL_PICTURE = { width: 640, height: 360, bitrateKbps: 800 } as const;

/** A light ladder: publisher, server and browser of a 720p test share the cores of one machine. */
export const TWO_RUNGS = {
  BARRAGE_LADDER__RUNGS: JSON.stringify([
    { name: '480p', height: 480, videoKbps: 1000 },
    { name: '240p', height: 240, videoKbps: 300 },
  ]),
} as const;

/** Starts a server for the test file; prints the end of its log when a test failed. */
export async function startServer(
  t: Test,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerUnderTest> {
  const server = await ServerUnderTest.start({ env });
  t.teardown(async () => {
    if (!t.passing()) t.comment(`the server's last words:\n${server.log.slice(-6000)}`);
    if (server.running) await server.stop();
  });
  return server;
}

/** Starts a browser and the plain pages. */
export async function startBrowser(t: Test): Promise<{ browser: PlayerBrowser; pages: PageServer }> {
  const pages = await PageServer.start();
  t.teardown(() => pages.close());
  const browser = await PlayerBrowser.launch();
  t.teardown(() => browser.close());
  return { browser, pages };
}

/** Publishes into a room and waits until it is live, with HLS when asked for. */
export async function publish(
  t: Test,
  place: { readonly server: ServerUnderTest; readonly room: RoomAccess },
  options: Omit<PublisherOptions, 'url'> & { readonly hls?: boolean } = {},
): Promise<Publisher> {
  const { hls = false, ...rest } = options;
  const publisher = new Publisher({ ...rest, url: place.server.publishUrl(place.room) });
  t.teardown(() => publisher.kill());
  try {
    await place.server.waitUntilLive(place.room.id, { hls, timeoutMs: 30_000 });
  } catch (error) {
    throw new Error(`${(error as Error).message}\npublisher: ${publisher.stderrTail}`);
  }
  return publisher;
}

/** Asks until the answer is wanted; throws with the last answer when it is not within the deadline. */
export async function waitFor<T>(
  ask: () => T | Promise<T>,
  options: { readonly until: (answer: T) => boolean; readonly timeoutMs: number; readonly what: string },
): Promise<T> {
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const answer = await ask();
    if (options.until(answer)) return answer;
    if (Date.now() > deadline) {
      throw new Error(`waited ${options.timeoutMs} ms for ${options.what}; last: ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs a program to its end, or until the signal kills it, and returns what it printed. */
export async function runProgram(
  command: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  signal?.addEventListener('abort', () => child.kill('SIGKILL'));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}
