// RTMP ingest: how many streams a busy core carries when they are passed through to HLS, and what each rung of
// the ladder costs. Publishers replay an encoded clip at the pace of the clock from a process of its own.

import {
  describeRamp,
  describeTranscode,
  type IngestStep,
  whyBroken,
} from '../instruments/ingest/ingest-figures.ts';
import { IngestLoad } from '../instruments/ingest/ingest-load.ts';
import { BarrageIngest, type IngestTarget } from '../instruments/ingest/ingest-target.ts';
import { ramp } from '../instruments/load/load-ramp.ts';
import { type ClipKind, DEFAULT_CLIP, findOrMakeClip } from '../instruments/rtmp/source-clips.ts';
import { readChoices, readCount } from '../option-values.ts';
import { NginxRtmp } from '../rivals/nginx-rtmp.ts';
import { BARRAGE, type OptionValues, pause, type Scenario, type ScenarioContext } from '../scenario.ts';

/** Both servers' default here. */
const SEGMENT_S = 2;
const SETTLE_MS = { full: 2_000, quick: 1_000 };
/** An Opus encoder alone is little: several streams make it readable. */
const SOUND_STREAMS = 4;
const RUNGS = {
  '360p': { name: '360p', height: 360, videoKbps: 600, maxFrameRate: 30 },
  '480p': { name: '480p', height: 480, videoKbps: 1200, maxFrameRate: 30 },
  '720p': { name: '720p', height: 720, videoKbps: 2500, maxFrameRate: 60 },
} as const;
const PARTS = ['passthrough', 'sound', '360p', '480p', '720p', 'ladder'] as const;
type Part = (typeof PARTS)[number];

/** What the server is told for each part, as environment. */
const SETTINGS: Readonly<Record<Part, Readonly<Record<string, string>>>> = {
  // RTMP to HLS and nothing else, which is what rivals do: no encoder runs, WebRTC waits for viewers.
  passthrough: { BARRAGE_LADDER__RUNGS: '[]', BARRAGE_LADDER__OPUS: 'never' },
  sound: { BARRAGE_LADDER__RUNGS: '[]' },
  '360p': rungAlone('360p'),
  '480p': rungAlone('480p'),
  '720p': rungAlone('720p'),
  ladder: { BARRAGE_LADDER__RUNGS: JSON.stringify(Object.values(RUNGS)) },
};

export const ingest: Scenario = {
  name: 'ingest',
  summary: 'RTMP publishers: streams per core passed through to HLS, and CPU of each rung of the ladder',
  options: {
    parts: { type: 'string' },
    seconds: { type: 'string' },
    'first-step': { type: 'string' },
    'max-streams': { type: 'string' },
  },
  help: {
    parts: `${PARTS.join(',')}; default all, with --quick passthrough,ladder; rivals: passthrough`,
    seconds: 'how long each step is held; default 10, with --quick 4',
    'first-step': 'streams of the first step of the passthrough ramp; default 8, with --quick 12',
    'max-streams': 'streams the ramp ends at when nothing breaks before; default 512, with --quick 12',
  },
  figures: ['passthrough/streamsPerCore', 'ladder/streamsPerCore', 'passthrough/memoryPerStream'],
  rivals: ['nginx-rtmp'],
  checkOptions: (options) => void readOptions(options, false),
  run,
};

function readOptions(options: OptionValues, quick: boolean) {
  const parts = readChoices(options['parts'], 'parts', PARTS);
  return {
    parts: quick && options['parts'] === undefined ? (['passthrough', 'ladder'] as const) : parts,
    seconds: readCount(options['seconds'], 'seconds', { fallback: quick ? 4 : 10, max: 600 }),
    firstStep: readCount(options['first-step'], 'first-step', { fallback: quick ? 12 : 8, max: 2000 }),
    maxStreams: readCount(options['max-streams'], 'max-streams', { fallback: quick ? 12 : 512, max: 2000 }),
  };
}

async function run(context: ScenarioContext): Promise<void> {
  const { parts } = readOptions(context.options, context.quick);
  for (const part of parts) {
    if (context.signal.aborted) return;
    if (part === 'passthrough') await measurePassthrough(context);
    else if (context.subject === BARRAGE) await measureTranscode(context, part);
  }
}

type Load = AsyncDisposable & {
  readonly target: IngestTarget;
  readonly load: IngestLoad;
  readonly idleRssBytes: number;
};

/** Starts the subject and, beside it, publishers that replay a clip. */
async function open(context: ScenarioContext, part: Part, kind: ClipKind): Promise<Load> {
  await using stack = new AsyncDisposableStack();
  context.progress(`${part}: preparing the clip, starting the server`);
  const clip = await findOrMakeClip({ kind, ...DEFAULT_CLIP }, context.signal);
  const target =
    context.subject === BARRAGE
      ? stack.use(await BarrageIngest.start(SETTINGS[part]))
      : stack.use(await NginxRtmp.start());
  const load = stack.use(await IngestLoad.start(target, clip, context.signal));
  const resources = stack.move();
  const idleRssBytes = load.serverRssBytes();
  return { target, load, idleRssBytes, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

async function measurePassthrough(context: ScenarioContext): Promise<void> {
  const { seconds, firstStep, maxStreams } = readOptions(context.options, context.quick);
  let opened: Load | undefined;
  const renew = async (): Promise<Load> => {
    await opened?.[Symbol.asyncDispose]();
    opened = await open(context, 'passthrough', 'passthrough');
    return opened;
  };
  // What a server that was too much for has still to clear away would count against the next step.
  let isBroken = true;
  const measured = ramp<IngestStep>({
    start: Math.min(firstStep, maxStreams),
    factor: 2,
    max: maxStreams,
    refinements: context.quick ? 0 : 2,
    step: async (streams) => {
      const { load, idleRssBytes } = isBroken || opened === undefined ? await renew() : opened;
      context.progress(`passthrough: starting up to ${streams} publishers`);
      const starts = await load.bringTo(streams);
      await pause(SETTLE_MS[context.quick ? 'quick' : 'full'], context.signal);
      context.progress(`passthrough: ${streams} streams for ${seconds} s`);
      const stretch = await load.hold(seconds, SEGMENT_S);
      isBroken = whyBroken(stretch, starts) !== undefined;
      return { stretch, starts, idleRssBytes, kbps: load.kbps };
    },
    broken: ({ stretch, starts }) => whyBroken(stretch, starts),
    signal: context.signal,
  });
  const result = await measured.finally(() => opened?.[Symbol.asyncDispose]());
  const settings = context.subject === BARRAGE ? JSON.stringify(SETTINGS.passthrough) : undefined;
  context.report(describeRamp(result, settings));
}

async function measureTranscode(context: ScenarioContext, part: Exclude<Part, 'passthrough'>): Promise<void> {
  const { seconds } = readOptions(context.options, context.quick);
  // A source like OBS's default is never passed through: each rung is encoded, and the decoding is in it.
  await using opened = await open(context, part, part === 'sound' ? 'passthrough' : 'obs');
  const { load, target } = opened;
  const starts = await load.bringTo(part === 'sound' ? SOUND_STREAMS : 1);
  await pause(SETTLE_MS[context.quick ? 'quick' : 'full'], context.signal);
  context.progress(`${part}: ${seconds} s`);
  const stretch = await load.hold(seconds, SEGMENT_S);
  if (!(target instanceof BarrageIngest)) return;
  context.report(await describeTranscode({ part, stretch, starts, target, settings: SETTINGS[part] }));
}

function rungAlone(name: keyof typeof RUNGS): Readonly<Record<string, string>> {
  return {
    BARRAGE_LADDER__RUNGS: JSON.stringify([RUNGS[name]]),
    BARRAGE_LADDER__PASSTHROUGH: 'never',
    BARRAGE_LADDER__OPUS: 'never',
  };
}
