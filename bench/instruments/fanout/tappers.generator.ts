// The process a crowd of tappers runs in: its methods over IPC.
import { serveGenerator } from '../load/generator-host.ts';
import { TapperCrowd, type Tapping } from './tapper-crowd.ts';

const crowd = new TapperCrowd();

/** What this generator answers to; see {@link TapperCrowd}. */
const methods = {
  join: ({ url, count }: { readonly url: string; readonly count: number }) => crowd.join(url, count),
  size: () => crowd.size,
  begin: (settings: Tapping) => crowd.begin(settings),
  counts: () => crowd.counts(),
  finish: ({ timeoutMs }: { readonly timeoutMs: number }) => crowd.finish(timeoutMs),
  reconnect: ({ share, spreadMs }: { readonly share: number; readonly spreadMs: number }) =>
    crowd.reconnect(share, spreadMs),
  waitForTotal: ({ total, timeoutMs }: { readonly total: number; readonly timeoutMs: number }) =>
    crowd.waitForTotal(total, timeoutMs),
};

/** The methods as the bench's side calls them. */
export type TappersGenerator = typeof methods;

serveGenerator(methods, () => crowd.close());
