// The process of WHEP viewers that come back: MediaViewers behind calls.
import { serveGenerator } from '../load/generator-host.ts';
import { endNativeViewers } from '../native-viewer.ts';
import { type MediaCounts, MediaViewer } from './media-viewer.ts';

const viewers: MediaViewer[] = [];
/** Packets of those who have left. */
let gonePackets = 0;
const counts: MediaCounts = { joins: 0, freezes: 0, failures: {} };

const methods = {
  /** Adds viewers of one room. With `stayMs` each leaves and comes again after a random time in that range. */
  add: (params: {
    readonly whepUrl: string;
    readonly viewers: number;
    readonly stayMs?: readonly [number, number];
  }) => {
    const { whepUrl, stayMs } = params;
    const drawStay = () => stayMs && stayMs[0] + Math.random() * (stayMs[1] - stayMs[0]);
    for (let count = 0; count < params.viewers; count++) {
      viewers.push(new MediaViewer({ whepUrl, counts, stayMs: drawStay }));
    }
  },
  /** Since when each one's packets have been flowing, monotonic ms; NaN for those without any. */
  flowing: (_: undefined) => viewers.map(({ flowingSinceMs }) => flowingSinceMs),
  watchSilence: (_: undefined) => {
    for (const viewer of viewers) viewer.watchSilence();
  },
  /** Each one's longest time without packets since then, ms. */
  silences: (_: undefined) => viewers.map(({ longestSilenceMs }) => longestSilenceMs),
  counts: (_: undefined) => ({
    ...counts,
    packets: viewers.reduce((sum, { packets }) => sum + packets, gonePackets),
  }),
  /** Everybody leaves. */
  leave: (_: undefined) => leave(),
};

export type MediaMethods = typeof methods;

async function leave(): Promise<void> {
  const leaving = viewers.splice(0);
  await Promise.all(leaving.map((viewer) => viewer.close()));
  gonePackets = leaving.reduce((sum, { packets }) => sum + packets, gonePackets);
}

serveGenerator(methods, async () => {
  await leave();
  endNativeViewers();
});
