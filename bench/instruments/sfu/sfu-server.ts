// The servers that the `sfu` scenario measures, as it sees them: where publishers send to, where viewers join,
// which process does the forwarding.
import { JANUS_CONFIGURATION, JanusServer } from '../../rivals/sfu/janus.ts';
import type { LoopOutput } from '../loop-publisher.ts';
import { ServerUnderTest } from '../server-under-test.ts';
import type { SfuProtocol } from './sfu.generator.ts';

/** A server ready for publishers. Whoever made it disposes of it. */
export interface SfuServer extends AsyncDisposable {
  readonly protocol: SfuProtocol;
  /** One for each publisher, in the same order as `places`. */
  readonly outputs: readonly LoopOutput[];
  /** Where the viewers of each publisher join. */
  readonly places: readonly string[];
  /** Root of its processes; undefined of a server elsewhere. */
  readonly pid: number | undefined;
  /** Name of the processes that forward packets: a figure per busy core is theirs. */
  readonly mediaProcess: string;
  readonly notes: readonly string[];
  /** Resolves when viewers of every publisher get pictures; throws when that takes too long. */
  waitUntilLive(): Promise<void>;
}

const BARRAGE_NOTE =
  'Barrage: no rung is encoded (BARRAGE_LADDER__RUNGS=[]), so that the source is passed through; its LL-HLS packaging runs all the same and is in the CPU of `server/node`. Pictures leave on the pace of the slowest rendition and of the sound: what the pacer holds them is part of the delay here; with neither it holds them for what all of them are late by.';
const LIVE_TIMEOUT_MS = 20_000;

/** This project's server, with a room for each publisher. */
export async function startBarrage(publishers: number): Promise<SfuServer> {
  const server = await ServerUnderTest.start({ env: { BARRAGE_LADDER__RUNGS: '[]' } });
  try {
    const ids = Array.from({ length: publishers }, (_, index) => `sfu-${index + 1}`);
    const rooms = await Promise.all(ids.map((id) => server.createRoom(id)));
    return {
      protocol: 'whep',
      outputs: rooms.map((room) => ({ kind: 'rtmp', url: server.publishUrl(room) })),
      places: ids.map((id) => server.whepUrl(id)),
      pid: server.pid,
      mediaProcess: 'mediasoup-worker',
      notes: [BARRAGE_NOTE],
      waitUntilLive: async () => {
        await Promise.all(ids.map((id) => server.waitUntilLive(id, { timeoutMs: LIVE_TIMEOUT_MS })));
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** A server elsewhere, with the one room that its stream key publishes to. */
export function targetElsewhere(options: { origin: string; publish: string; room: string }): SfuServer {
  const live = `${options.origin}/live/${options.room}`;
  return {
    protocol: 'whep',
    outputs: [{ kind: 'rtmp', url: options.publish }],
    places: [`${live}/whep`],
    pid: undefined,
    mediaProcess: 'mediasoup-worker',
    notes: ['A server elsewhere: its CPU is not known here, and its ladder is as it was configured.'],
    waitUntilLive: () => waitForPlaylist(`${live}/index.m3u8`),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function waitForPlaylist(url: string): Promise<void> {
  const deadline = Date.now() + LIVE_TIMEOUT_MS;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error(`no playlist at ${url} after ${LIVE_TIMEOUT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** The rival, with a mountpoint for each publisher. */
export async function startJanus(publishers: number): Promise<SfuServer> {
  const server = await JanusServer.start(publishers);
  return {
    protocol: 'janus',
    outputs: server.mountpointPorts.map((port) => ({ kind: 'rtp', host: '127.0.0.1', port })),
    places: server.mountpointPorts.map((_, index) => server.viewerPlace(index + 1)),
    pid: server.pid,
    mediaProcess: 'janus',
    notes: [JANUS_CONFIGURATION],
    // A mountpoint takes viewers whether anything is sent to it or not.
    waitUntilLive: async () => undefined,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
