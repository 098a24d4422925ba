// A storm: every viewer loses the server at once and comes back as the SDK does, while danmaku go on. How long
// until all are back, what it costs the server, and what any of them missed or got twice, by each viewer's books.

import { killFfmpeg } from '../instruments/reconnect/ffmpeg-kill.ts';
import {
  type StormKind,
  type StormMeasure,
  serverSeconds,
  stormGroup,
} from '../instruments/reconnect/storm-figures.ts';
import { StormRig } from '../instruments/reconnect/storm-rig.ts';
import { RestartableServer } from '../instruments/restartable-server.ts';
import { figureOf, latencyOf, type MeasurementGroup } from '../measurement.ts';
import { OptionError, readChoices, readCount, readNumber } from '../option-values.ts';
import { type OptionValues, pause, type Scenario, type ScenarioContext } from '../scenario.ts';
import { readTarget } from '../target.ts';

const MODES = ['drop', 'restart', 'kill', 'worker', 'ffmpeg'] as const;
type Mode = (typeof MODES)[number];
/** Those that are about WHEP viewers alone. */
const MEDIA_MODES: readonly Mode[] = ['worker', 'ffmpeg'];
const ROOM = 'bench';
/** Half of what a user may send by default, so that no danmaku is refused for its sender's rate. */
const RATE_PER_SENDER = 2;

export const reconnect: Scenario = {
  name: 'reconnect',
  summary: 'a storm after a network drop, a restart or a crash: time until all resumed, events missed',
  options: {
    target: { type: 'string' },
    room: { type: 'string' },
    viewers: { type: 'string' },
    media: { type: 'string' },
    rate: { type: 'string' },
    mode: { type: 'string' },
    drops: { type: 'string' },
    'outage-s': { type: 'string' },
    'long-outage-s': { type: 'string' },
  },
  help: {
    target: 'base URL of a running server, which is then not restarted; default: one is started',
    room: 'room to join (with --target); default demo',
    viewers: 'WebSocket viewers; default 2000, with --quick 300',
    media: 'WHEP viewers besides (not with --target), 0 for none; default 20, with --quick 4',
    rate: 'danmaku a second while it storms; default 10',
    mode: 'drop (the network), restart (SIGTERM), kill (SIGKILL), worker, ffmpeg (SIGKILL to the mediasoup workers, to ffmpeg); default all',
    drops: 'how many short drops; default 3, with --quick 1',
    'outage-s': 'seconds a short drop lasts; default 2',
    'long-outage-s': 'seconds of one long drop at the end, 0 for none; default 120, with --quick 0',
  },
  figures: [
    ...['*/until100', '*/back', '*/valueMissed', '*/duplicates', '*/backPerCpuSecond'],
    ...['join/joinsPerCpuSecond', 'worker/mediaBack', 'ffmpeg/pictureBack'],
  ],
  rivals: [],
  checkOptions: (options) => void readOptions(options, false),
  run,
};

function readOptions(options: OptionValues, quick: boolean) {
  const target = readTarget(options);
  const modes =
    options['mode'] === undefined && target !== undefined ? (['drop'] as const) : readModes(options);
  const needsOurs = modes.find((mode) => mode !== 'drop');
  if (target !== undefined && needsOurs !== undefined)
    throw new OptionError(
      `--mode ${needsOurs} needs a server started here; with --target only drop is possible`,
    );
  const media = target === undefined ? readZeroOr(options, 'media', quick ? 4 : 20, 500) : 0;
  const needsMedia = modes.find((mode) => MEDIA_MODES.includes(mode));
  if (media === 0 && options['mode'] !== undefined && needsMedia !== undefined)
    throw new OptionError(
      `--mode ${needsMedia} is about WHEP viewers: --media takes a number above 0 with it`,
    );
  return {
    ...{ target, modes: modes.filter((mode) => media > 0 || !MEDIA_MODES.includes(mode)), media },
    room: String(options['room'] ?? 'demo'),
    viewers: readCount(options['viewers'], 'viewers', { fallback: quick ? 300 : 2000, max: 20_000 }),
    rate: readNumber(options['rate'], 'rate', 10),
    drops: readCount(options['drops'], 'drops', { fallback: quick ? 1 : 3, max: 1000 }),
    outageS: readNumber(options['outage-s'], 'outage-s', 2),
    longOutageS: readZeroOr(options, 'long-outage-s', quick ? 0 : 120, 3600),
  };
}

function readModes(options: OptionValues): readonly Mode[] {
  return readChoices(options['mode'], 'mode', MODES);
}

/** A whole number that may be 0. */
function readZeroOr(options: OptionValues, name: string, fallback: number, max: number): number {
  if (options[name] === '0') return 0;
  if (options[name] === undefined) return fallback;
  return readCount(options[name], name, { fallback: 1, max });
}

type Settings = ReturnType<typeof readOptions>;

async function run(context: ScenarioContext): Promise<void> {
  const settings = readOptions(context.options, context.quick);
  const { modes, media } = settings;
  if (modes.some((mode) => mode !== 'ffmpeg')) await storm(context, settings);
  if (modes.includes('ffmpeg') && !context.signal.aborted) context.report(await killFfmpeg(context, media));
}

/** Everything that happens to one room full of viewers. */
async function storm(context: ScenarioContext, settings: Settings): Promise<void> {
  await using stack = new AsyncDisposableStack();
  context.progress('starting the server');
  const server = settings.target === undefined ? stack.use(await startServer(settings)) : undefined;
  const room = await server?.current.createRoom(ROOM);
  const rig = stack.use(
    await StormRig.open({
      ...{ context, server, viewers: settings.viewers, media: settings.media },
      origin: settings.target ?? server?.current.origin ?? '',
      room: room?.id ?? settings.room,
      publishUrl: room && server ? server.current.publishUrl(room) : '',
      ...{ rate: settings.rate, ratePerSender: RATE_PER_SENDER },
    }),
  );
  context.report(joinGroup(settings, await rig.join()));
  await rig.mediaBack(0);
  for (const mode of settings.modes) {
    if (context.signal.aborted) return;
    if (mode !== 'ffmpeg') await STORMS[mode]({ context, settings, rig, server });
  }
}

/** Everybody comes from one address here, and some connections are still ending while others begin. */
function startServer({ viewers, rate }: Settings): Promise<RestartableServer> {
  const connections = String(viewers * 2 + 2000);
  return RestartableServer.start({
    BARRAGE_HTTP__MAXCONNECTIONS: connections,
    BARRAGE_WS__MAXCONNECTIONS: connections,
    BARRAGE_WS__MAXCONNECTIONSPERADDRESS: connections,
    BARRAGE_INTERACTION__DANMAKU__ADDRESSPERSECOND: String(rate * 10),
    BARRAGE_INTERACTION__DANMAKU__ADDRESSBURST: String(Math.ceil(rate * 100)),
    BARRAGE_LADDER__RUNGS: '[]',
  });
}

interface Storming {
  readonly context: ScenarioContext;
  readonly settings: Settings;
  readonly rig: StormRig;
  readonly server: RestartableServer | undefined;
}

const STORMS: Readonly<Record<Exclude<Mode, 'ffmpeg'>, (storming: Storming) => Promise<void>>> = {
  drop: async (storming) => {
    const { drops, outageS, longOutageS } = storming.settings;
    await dropNetwork(storming, { key: 'drop', times: drops, seconds: outageS });
    if (longOutageS > 0) await dropNetwork(storming, { key: 'long-drop', times: 1, seconds: longOutageS });
  },
  restart: (storming) => restartServer(storming, 'SIGTERM'),
  kill: (storming) => restartServer(storming, 'SIGKILL'),
  worker: killWorkers,
};

async function dropNetwork(
  { context, settings, rig }: Storming,
  drop: { readonly key: string; readonly times: number; readonly seconds: number },
): Promise<void> {
  const storms: StormMeasure[] = [];
  for (let time = 1; time <= drop.times && !context.signal.aborted; time++) {
    const label = `${drop.seconds} s drop ${time}/${drop.times}`;
    const cut = async () => {
      context.progress(`${label}: the network is down`);
      const fromMs = await rig.crowd.call('cut', { outageMs: drop.seconds * 1000 });
      await pause(drop.seconds * 1000, context.signal);
      return { fromMs };
    };
    storms.push(await rig.storm(label, cut));
  }
  if (storms.length === 0) return;
  const kind: StormKind = {
    key: drop.key,
    title: `${settings.viewers} viewers, ${storms.length} drop${storms.length > 1 ? 's' : ''} of the network for ${drop.seconds} s`,
    note: 'All viewers are cut off at once and fail to connect until the network is back, which is when times start; senders are not cut off. Delays between attempts are those of the SDK and count in.',
  };
  context.report(stormGroup(kind, storms));
}

async function restartServer({ context, settings, rig, server }: Storming, signal: 'SIGTERM' | 'SIGKILL') {
  if (!server) return;
  const key = signal === 'SIGTERM' ? 'restart' : 'kill';
  const storm = await rig.storm(key, async () => {
    context.progress(`${key}: the server goes down`);
    const { toldAtMs, readyAtMs } = await server.restart(signal);
    return { fromMs: readyAtMs, downMs: readyAtMs - toldAtMs };
  });
  const kind: StormKind = {
    key,
    title: `${settings.viewers} viewers, ${signal} and a new server in its place`,
    note: 'Times until viewers were back start when the new server said it was ready (who was faster counts as 0), those until media came again with the signal. Chat is kept in memory: what was acknowledged before the end and not delivered, or came before a viewer was back and is not among the newest of its snapshot, is counted as unseen.',
  };
  context.report(stormGroup(kind, [storm]));
}

async function killWorkers({ context, rig, server }: Storming): Promise<void> {
  if (!server) return;
  context.progress('worker: killing the mediasoup workers');
  const fromMs = Number(process.hrtime.bigint()) / 1e6;
  const workers = server.current.processes().filter(({ name }) => name === 'mediasoup-worker');
  for (const { pid } of workers) process.kill(pid, 'SIGKILL');
  // Until they notice, viewers look as if all were well.
  await pause(1500, context.signal);
  const { mediaBackMs, mediaMissing } = await rig.mediaBack(fromMs);
  context.report({
    key: 'worker',
    title: `SIGKILL to ${workers.length} mediasoup workers`,
    measurements: [
      ...(mediaBackMs.length > 0
        ? [latencyOf('mediaBack', 'until media packets came again (WHEP)', mediaBackMs)]
        : []),
      figureOf({
        ...{ key: 'mediaMissing', title: 'WHEP viewers without packets at the end', unit: '' },
        ...{ better: 'lower', value: mediaMissing },
      }),
    ],
    notes: [
      'Plain WHEP viewers, who join again after 1 s without packets: WHEP has no way to tell them. The time starts with the signal.',
    ],
  });
}

function joinGroup({ viewers }: Settings, joined: Awaited<ReturnType<StormRig['join']>>): MeasurementGroup {
  const { seconds, cpu, strain, generator } = joined;
  const figures = [
    figureOf({
      ...{ key: 'joinRate', title: 'viewers joined a second', unit: '1/s', better: 'higher' },
      value: viewers / seconds,
    }),
    figureOf({
      ...{ key: 'joinsPerCpuSecond', title: "viewers joined for a CPU-second of the server's", unit: '1/s' },
      ...{ better: 'higher', value: viewers / serverSeconds(cpu) },
    }),
    figureOf({
      ...{ key: 'peakEventLoop', title: "longest delay of the server's event loop", unit: 'ms' },
      ...{ better: 'lower', value: strain.peakEventLoopMs },
    }),
  ] as const;
  return {
    key: 'join',
    title: `${viewers} viewers join as fast as they are let in`,
    measurements: figures.filter(({ value }) => Number.isFinite(value)),
    ...{ cpu, generator },
    notes: ['At most 100 at once are on their way; a viewer has joined when its hello is answered.'],
  };
}
