// When a server counts as not carrying its streams.
import t from 'tap';
import { serverCpuSeconds, whyBroken } from '../../../../bench/instruments/ingest/ingest-figures.ts';
import type { IngestStretch } from '../../../../bench/instruments/ingest/ingest-load.ts';

const GOOD: IngestStretch = {
  streams: 8,
  cpu: { wallSeconds: 10, cpuSeconds: { 'server/node': 2, 'server/ffmpeg': 3, 'generator/node': 7 } },
  generator: { utilization: 0.1, delayP99Ms: 1 },
  ...{ lost: [], laggingPlaylists: 0, backlogMs: 900, generatorLateMs: 20, loopDelayMs: 30, rssBytes: 1 },
};
const STARTED = { toPlaylistMs: [2000], toLiveMs: [100], failures: [] };

t.test('a good stretch holds, each limit breaks it with its reason', async (t) => {
  t.equal(whyBroken(GOOD, STARTED), undefined);
  t.equal(whyBroken({ ...GOOD, loopDelayMs: undefined }, STARTED), undefined, 'a rival that does not tell');
  const cases: readonly (readonly [Partial<IngestStretch>, RegExp])[] = [
    [{ backlogMs: 1500 }, /1500 ms of a stream unread/],
    [{ laggingPlaylists: 3 }, /3 playlists fell behind/],
    [{ loopDelayMs: 400 }, /event loop 400 ms late/],
    [{ loopDelayMs: Number.POSITIVE_INFINITY }, /too busy to tell/],
    [{ lost: ['reset'] }, /1 publishers were cut off: reset/],
    [{ generatorLateMs: 2000, backlogMs: 5000 }, /generator was 2000 ms late: its limit, not the server's/],
  ];
  for (const [change, reason] of cases) t.match(whyBroken({ ...GOOD, ...change }, STARTED), reason);
  t.match(whyBroken(GOOD, { ...STARTED, failures: ['refused'] }), /did not get live: refused/);
});

t.test("CPU is the server's alone, or one program's of it", async (t) => {
  t.equal(serverCpuSeconds(GOOD.cpu), 5);
  t.equal(serverCpuSeconds(GOOD.cpu, 'ffmpeg'), 3);
});
