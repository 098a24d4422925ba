// The process of a soak's visitors and HLS players, behind calls. WHEP viewers live in a process of their own.
import { serveGenerator } from '../load/generator-host.ts';
import { type HlsCounts, HlsListener } from './hls-listener.ts';
import { type VisitorOptions, Visitors } from './visitors.ts';

/** Lags kept until they are asked for: hours' worth if nobody asks. */
const MAX_LAGS = 20_000;

let visitors: Visitors | undefined;
const players: HlsListener[] = [];
const hls: HlsCounts = { segments: 0, bytes: 0, stalls: 0, stalledMs: 0, errors: {} };
let lags: { atMs: number; lagMs: number }[] = [];

const methods = {
  comeIn: (options: VisitorOptions) => {
    visitors = new Visitors(options);
  },
  /** Adds HLS players of one room; the first of all notes how far the media is behind the clock. */
  play: ({ url, players: count }: { readonly url: string; readonly players: number }) => {
    for (let index = 0; index < count; index++) {
      const onLag = players.length === 0 ? noteLag : undefined;
      players.push(new HlsListener({ url, counts: hls, onLag }));
    }
  },
  counts: (_: undefined) => ({ visitors: visitors?.counts(), hls }),
  /** Lags of new segments since the last call; `atMs` is on the machine's monotonic clock. */
  takeLags: (_: undefined) => {
    const taken = lags;
    lags = [];
    return taken;
  },
  /** Everybody leaves. */
  leave: (_: undefined) => leave(),
};

export type SoakMethods = typeof methods;

function noteLag(lagMs: number): void {
  if (lags.length < MAX_LAGS) lags.push({ atMs: Number(process.hrtime.bigint()) / 1e6, lagMs });
}

async function leave(): Promise<void> {
  await Promise.all([visitors?.leave(), ...players.splice(0).map((player) => player.close())]);
}

serveGenerator(methods, leave);
