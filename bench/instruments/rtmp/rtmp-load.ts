// The RTMP load generator: many publishers in a process of its own, each replaying one clip from its
// beginning. Start it with `GeneratorProcess.start<RtmpLoadMethods>(RTMP_LOAD_MODULE)`.
import { readFile } from 'node:fs/promises';
import { serveGenerator } from '../load/generator-host.ts';
import { ClipReplay, PreparedClip } from './clip-replay.ts';
import { clipKbps, readFlvClip } from './flv-clip.ts';
import { RtmpPublisher } from './rtmp-publisher.ts';

/** Tags leave at most this much late: an encoder's own jitter. */
const TICK_MS = 4;

/** A publisher's start; times on CLOCK_MONOTONIC, ms. */
export interface PublishStart {
  readonly url: string;
  readonly connectingAtMs: number;
  /** Why it was refused; undefined when it publishes. */
  readonly error: string | undefined;
}

/** All publishers at one moment. */
export interface RtmpLoadState {
  readonly publishing: number;
  /** Those that ended without being told to, with why. */
  readonly lost: readonly { readonly url: string; readonly reason: string }[];
  readonly sentBytes: number;
  /** Of the publisher whose server reads least: bytes waiting in this process. */
  readonly maxUnsentBytes: number;
  /** How late the latest tag was sent since the last call, ms: the generator's own lateness. */
  readonly maxLateMs: number;
}

interface Running {
  readonly url: string;
  readonly publisher: RtmpPublisher;
  readonly replay: ClipReplay;
}

const running: Running[] = [];
let clip: PreparedClip | undefined;
let timer: NodeJS.Timeout | undefined;

const methods = {
  /** Reads the clip that publishers replay; answers its mean bit rate. */
  load: async ({ file, durationMs }: { readonly file: string; readonly durationMs: number }) => {
    const read = readFlvClip(await readFile(file), durationMs);
    clip = new PreparedClip(read);
    return { kbps: clipKbps(read) };
  },
  /** Starts publishers `spacingMs` apart, so that their key frames do not come together. */
  start: async (params: { readonly urls: readonly string[]; readonly spacingMs: number }) => {
    const starts = params.urls.map(async (url, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * params.spacingMs));
      return startOne(url);
    });
    return Promise.all(starts);
  },
  /** Ends all but the first `keep` publishers. */
  trim: ({ keep }: { readonly keep: number }) => {
    for (const { publisher } of running.splice(keep)) publisher.close();
  },
  state: (_: undefined): RtmpLoadState => ({
    publishing: running.filter(({ publisher }) => publisher.closeReason === undefined).length,
    lost: running.flatMap(({ url, publisher: { closeReason: reason } }) => (reason ? [{ url, reason }] : [])),
    sentBytes: running.reduce((sum, { replay }) => sum + replay.sentBytes, 0),
    maxUnsentBytes: Math.max(0, ...running.map(({ publisher }) => publisher.unsentBytes)),
    maxLateMs: Math.max(0, ...running.map(({ replay }) => replay.takeLatenessMs())),
  }),
};

export type RtmpLoadMethods = typeof methods;

async function startOne(url: string): Promise<PublishStart> {
  if (!clip) throw new Error('no clip was loaded');
  const connectingAtMs = monotonicMs();
  try {
    const publisher = await RtmpPublisher.publish(url);
    running.push({ url, publisher, replay: new ClipReplay(clip, publisher, monotonicMs()) });
    timer ??= setInterval(sendDue, TICK_MS);
    return { url, connectingAtMs, error: undefined };
  } catch (error) {
    return { url, connectingAtMs, error: (error as Error).message };
  }
}

function sendDue(): void {
  const nowMs = monotonicMs();
  for (const { replay } of running) replay.sendDue(nowMs);
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

serveGenerator(methods, () => {
  clearInterval(timer);
  for (const { publisher } of running) publisher.close();
});
