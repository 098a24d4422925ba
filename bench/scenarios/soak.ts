// Mixed load for as long as one likes: publishers, visitors who talk and come and go, HLS players, WHEP viewers.
// What grows, what drifts, what goes wrong, and what is left when everybody has gone.
import { CpuAccount } from '../instruments/cpu-account.ts';
import { SteadyPublishers } from '../instruments/rtmp/steady-publishers.ts';
import { ServerUnderTest } from '../instruments/server-under-test.ts';
import { BoundedSeries } from '../instruments/soak/bounded-series.ts';
import { readLikes } from '../instruments/soak/room-likes.ts';
import { soakGroup } from '../instruments/soak/soak-figures.ts';
import { type SoakCounts, SoakLoad } from '../instruments/soak/soak-load.ts';
import { type Handles, readHandles, SoakSampler } from '../instruments/soak/soak-sampler.ts';
import { readCount, readNumber } from '../option-values.ts';
import { type OptionValues, pause, type Scenario, type ScenarioContext } from '../scenario.ts';

const QUICK_MINUTES = 9 / 60;
/** What is made once for all viewers, such as pools and caches, is there when the handles are first counted. */
const REHEARSAL_S = { quick: 3, full: 15 };
/** Connections that are kept open for a while must have had the time to end. */
const GONE_TIMEOUT_MS = 20_000;
const CHECK_MS = 250;

export const soak: Scenario = {
  name: 'soak',
  summary: 'mixed load for long: memory, handles, drift, errors over time, and what is left afterwards',
  options: {
    minutes: { type: 'string' },
    publishers: { type: 'string' },
    visitors: { type: 'string' },
    players: { type: 'string' },
    media: { type: 'string' },
    rate: { type: 'string' },
    likes: { type: 'string' },
    'sample-s': { type: 'string' },
    'rehearsal-s': { type: 'string' },
  },
  help: {
    minutes: 'how long; default 60, with --quick 9 seconds, whose slopes mean nothing',
    publishers: 'RTMP publishers, each into a room of its own; default 2, with --quick 1',
    visitors: 'WebSocket viewers of the first room, coming and going; default 200, with --quick 30',
    players: 'HLS players of the first room; default 10, with --quick 3',
    media: 'WHEP viewers of the first room, coming and going; default 8, with --quick 3',
    rate: 'danmaku a second; default 10',
    likes: 'likes a second; default 50',
    'sample-s': 'seconds between two samples; default 5, with --quick 1',
    'rehearsal-s': 'seconds everybody is there once before anything is counted; default 15, with --quick 3',
  },
  figures: [
    ...['soak/memory-node-slope', 'soak/driftPpm', 'soak/descriptors-left', 'soak/processes-left'],
    ...['soak/valueMissed', 'soak/likesOff', 'soak/hlsStalls', 'soak/eventLoopMax'],
  ],
  // An hour, its rehearsal, and until everybody has gone.
  longestS: 4_200,
  rivals: [],
  checkOptions: (options) => void readOptions(options, false),
  run,
};

function readOptions(options: OptionValues, quick: boolean) {
  const count = (name: string, full: number, short: number) =>
    readCount(options[name], name, { fallback: quick ? short : full, max: 10_000 });
  return {
    minutes: readNumber(options['minutes'], 'minutes', quick ? QUICK_MINUTES : 60),
    publishers: count('publishers', 2, 1),
    visitors: count('visitors', 200, 30),
    players: count('players', 10, 3),
    media: count('media', 8, 3),
    danmakuPerSecond: readNumber(options['rate'], 'rate', 10),
    likesPerSecond: readNumber(options['likes'], 'likes', 50),
    sampleS: readNumber(options['sample-s'], 'sample-s', quick ? 1 : 5),
    stayMs: quick ? ([1_000, 4_000] as const) : ([5_000, 60_000] as const),
    rehearsalS: readNumber(
      options['rehearsal-s'],
      'rehearsal-s',
      quick ? REHEARSAL_S.quick : REHEARSAL_S.full,
    ),
  };
}

type Settings = ReturnType<typeof readOptions>;

async function run(context: ScenarioContext): Promise<void> {
  const settings = readOptions(context.options, context.quick);
  await using stack = new AsyncDisposableStack();
  context.progress('starting the server');
  const server = stack.use(await ServerUnderTest.start({ env: roomFor(settings) }));
  context.progress('publishing');
  const rooms = await Promise.all(
    Array.from({ length: settings.publishers }, (_, index) => server.createRoom(`soak-${index + 1}`)),
  );
  const urls = rooms.map((room) => server.publishUrl(room));
  const publishers = stack.use(await SteadyPublishers.start(urls, context.signal));
  const room = rooms[0]?.id ?? '';
  await server.waitUntilLive(room, { hls: true });
  await rehearse({ context, settings, server, publishers, room });
  await measure({ context, settings, server, publishers, room });
}

/** Everybody comes from one address here. */
function roomFor({ visitors, danmakuPerSecond }: Settings): Record<string, string> {
  const connections = String(visitors * 2 + 1000);
  return {
    BARRAGE_WS__MAXCONNECTIONSPERADDRESS: connections,
    BARRAGE_INTERACTION__DANMAKU__ADDRESSPERSECOND: String(danmakuPerSecond * 10),
    BARRAGE_LADDER__RUNGS: '[]',
  };
}

interface Soaking {
  readonly context: ScenarioContext;
  readonly settings: Settings;
  readonly server: ServerUnderTest;
  readonly publishers: SteadyPublishers;
  readonly room: string;
}

/** Everybody comes and goes once before anything is counted. */
async function rehearse({ context, settings, server, room }: Soaking): Promise<void> {
  context.progress('a rehearsal: everybody comes and goes once');
  const load = await SoakLoad.start({ ...settings, origin: server.origin, room });
  await pause(settings.rehearsalS * 1000, context.signal);
  await load[Symbol.asyncDispose]();
  await pause(context.signal.aborted ? 0 : 1_000, context.signal);
}

async function measure(soaking: Soaking): Promise<void> {
  const { context, settings, server, publishers, room } = soaking;
  const before = readHandles(server.pid);
  const likesBefore = await readLikes(server.origin, room);
  const sampler = new SoakSampler(server);
  const lags = new BoundedSeries();
  let counts: SoakCounts | undefined;
  await using load = await SoakLoad.start({ ...settings, origin: server.origin, room });
  const account = new CpuAccount({
    server: () => server.pid,
    ...load.roots,
    publishers: () => publishers.pid,
  });
  await load.takeLoad();
  while (sampler.minutes < settings.minutes && !context.signal.aborted) {
    await sampler.sample();
    counts = await load.counts();
    const atMs = Number(process.hrtime.bigint()) / 1e6;
    for (const lag of await load.takeLags())
      lags.add(sampler.minutes - (atMs - lag.atMs) / 60_000, lag.lagMs);
    context.progress(describeProgress(sampler, counts, settings));
    await pause(settings.sampleS * 1000, context.signal);
  }
  const minutes = sampler.minutes;
  const cpu = account.read();
  const generator = await load.takeLoad();
  const ending = await end(soaking, load, before);
  const likesAfter = ending.after && (await readLikes(server.origin, room));
  context.report(
    soakGroup({
      ...{ minutes, curves: sampler.curves, lags, before, cpu, generator },
      ...{ counts: ending.counts ?? counts, after: ending.after },
      likesCounted: likesAfter === undefined ? undefined : likesAfter - likesBefore,
      publisherLosses: publishers.losses,
    }),
  );
}

/** Everybody leaves; waits until the server holds no more than before, or for as long as it may take. */
async function end(
  { context, server }: Soaking,
  load: SoakLoad,
  before: Handles,
): Promise<{ readonly counts?: SoakCounts; readonly after: Handles | undefined }> {
  if (context.signal.aborted) return { after: undefined };
  context.progress('everybody leaves');
  await load.leave();
  const counts = await load.counts();
  await load[Symbol.asyncDispose]();
  const deadline = performance.now() + GONE_TIMEOUT_MS;
  let after = readHandles(server.pid);
  while (holdsMore(after, before) && performance.now() < deadline && !context.signal.aborted) {
    await pause(CHECK_MS, context.signal);
    after = readHandles(server.pid);
  }
  return { counts, after };
}

function holdsMore(now: Handles, before: Handles): boolean {
  return Object.keys(before).some((key) => now[key as keyof Handles] > before[key as keyof Handles]);
}

function describeProgress(sampler: SoakSampler, counts: SoakCounts, { minutes }: Settings): string {
  const memory = sampler.curve('memory-node').last ?? Number.NaN;
  const left = counts.visitors?.left ?? 0;
  return `${sampler.minutes.toFixed(1)} of ${minutes} min: server ${memory.toFixed(0)} MB, ${left} visitors gone, ${counts.hls.segments} segments, ${counts.hls.stalls} stalls`;
}
