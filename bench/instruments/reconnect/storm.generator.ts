// The process of a storm's viewers: a StormCrowd behind calls.
import { serveGenerator } from '../load/generator-host.ts';
import { type CrowdOptions, StormCrowd } from './storm-crowd.ts';

let crowd: StormCrowd | undefined;

function requireCrowd(): StormCrowd {
  if (!crowd) throw new Error('nobody has joined yet');
  return crowd;
}

const methods = {
  /** Joins everyone; returns how long it took, seconds. */
  open: async (options: CrowdOptions) => {
    crowd = new StormCrowd(options);
    const startedAt = performance.now();
    await crowd.open();
    return { seconds: (performance.now() - startedAt) / 1000 };
  },
  startSending: ({ perSecond }: { readonly perSecond: number }) => requireCrowd().startSending(perSecond),
  beginStorm: (_: undefined) => requireCrowd().beginStorm(),
  /** Returns when the network is back, monotonic ms. */
  cut: ({ outageMs }: { readonly outageMs: number }) => requireCrowd().cut(outageMs),
  /** Viewers there now, and lost and back since the storm began. */
  progress: (_: undefined) => {
    const { joined, storm } = requireCrowd();
    return { joined, lost: storm.lost, resumed: storm.resumed };
  },
  settle: ({ timeoutMs }: { readonly timeoutMs: number }) => requireCrowd().settle(timeoutMs),
  outcome: ({ fromMs }: { readonly fromMs: number }) => requireCrowd().outcome(fromMs),
};

export type StormMethods = typeof methods;

serveGenerator(methods, () => crowd?.close());
