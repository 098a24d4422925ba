// The ladder's encoders: quality against bits and speed, offline on made clips, BD-rate of each encoder against
// the first; and live, what the server's own rungs use of the bits and the time they have.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { IngestLoad } from '../instruments/ingest/ingest-load.ts';
import { BarrageIngest } from '../instruments/ingest/ingest-target.ts';
import { probeAbilities, tryEncoding } from '../instruments/quality/encode-trial.ts';
import { ENCODER_NAMES, encoderArguments, ffmpegEncoder } from '../instruments/quality/ladder-encoders.ts';
import {
  describeBdRates,
  describeCurve,
  describeLive,
  type RateCurve,
} from '../instruments/quality/ladder-figures.ts';
import { CLIP_FPS, CLIP_NAMES, type ClipName, makeTestClip } from '../instruments/quality/test-clips.ts';
import { DEFAULT_CLIP, findOrMakeClip } from '../instruments/rtmp/source-clips.ts';
import { OptionError, readChoices, readCount } from '../option-values.ts';
import { type OptionValues, pause, type Scenario, type ScenarioContext } from '../scenario.ts';

const PARTS = ['offline', 'live'] as const;
const FULL = {
  encoders: 'x264-veryfast,x264-superfast,svtav1-12,svtav1-10',
  rates: '800,1500,2500,4500',
  ...{ clipSeconds: 10, seconds: 20 },
};
const QUICK = { encoders: 'x264-veryfast,svtav1-12', rates: '800,1500,2500', clipSeconds: 2, seconds: 4 };
const LIVE_SETTLE_MS = 3_000;
const SEGMENT_S = 2;
const RUNGS = [
  { name: '720p', height: 720, videoKbps: 2500, maxFrameRate: 60 },
  { name: '480p', height: 480, videoKbps: 1200, maxFrameRate: 30 },
  { name: '360p', height: 360, videoKbps: 600, maxFrameRate: 30 },
] as const;

export const ladder: Scenario = {
  name: 'ladder',
  summary: "the ladder's encoders: quality against bits, BD-rate, frames per CPU-second; rates of live rungs",
  options: {
    parts: { type: 'string' },
    'compare-encoders': { type: 'string' },
    rates: { type: 'string' },
    'clip-seconds': { type: 'string' },
    height: { type: 'string' },
    clips: { type: 'string' },
    seconds: { type: 'string' },
  },
  help: {
    parts: 'offline,live; default both',
    'compare-encoders': `the first is what the others are compared with; ${ENCODER_NAMES}; default ${FULL.encoders}, with --quick ${QUICK.encoders}`,
    rates: `kbit/s, two or more; default ${FULL.rates}, with --quick ${QUICK.rates}`,
    'clip-seconds': `length of each clip; default ${FULL.clipSeconds}, with --quick ${QUICK.clipSeconds}`,
    height: 'lines of the picture; default 720',
    clips: `${CLIP_NAMES.join(',')}; default both`,
    seconds: `how long live rungs are watched; default ${FULL.seconds}, with --quick ${QUICK.seconds}`,
  },
  figures: ['bd-rate/svtav1-12', 'live/speed', 'live/ffmpeg'],
  rivals: [],
  checkOptions: (options) => void readOptions(options, false),
  run,
};

function readOptions(options: OptionValues, quick: boolean) {
  const fallback = quick ? QUICK : FULL;
  const height = readCount(options['height'], 'height', { fallback: 720, max: 2160 });
  if (height % 2 === 1 || height < 64)
    throw new OptionError(`--height takes an even number from 64, not "${height}"`);
  return {
    parts: readChoices(options['parts'], 'parts', PARTS),
    encoders: readEncoders(String(options['compare-encoders'] ?? fallback.encoders)),
    rates: readRates(String(options['rates'] ?? fallback.rates)),
    clipSeconds: readCount(options['clip-seconds'], 'clip-seconds', {
      fallback: fallback.clipSeconds,
      max: 60,
    }),
    height,
    clips: readChoices(options['clips'], 'clips', CLIP_NAMES),
    seconds: readCount(options['seconds'], 'seconds', { fallback: fallback.seconds, max: 600 }),
  };
}

function readEncoders(value: string): readonly string[] {
  const names = value.split(',');
  const wrong = names.find((name) => encoderArguments(name, { kbps: 1000, fps: CLIP_FPS }) === undefined);
  if (wrong === undefined) return names;
  throw new OptionError(`--compare-encoders takes names like ${ENCODER_NAMES}, not "${wrong}"`);
}

function readRates(value: string): readonly number[] {
  const rates = value.split(',').map(Number);
  const isRate = (rate: number) => Number.isInteger(rate) && rate >= 50 && rate <= 100_000;
  if (rates.every(isRate) && new Set(rates).size === rates.length && rates.length >= 2) return rates;
  throw new OptionError(`--rates takes two or more different numbers of kbit/s from 50, not "${value}"`);
}

async function run(context: ScenarioContext): Promise<void> {
  const { parts } = readOptions(context.options, context.quick);
  if (parts.includes('offline')) await measureOffline(context);
  if (parts.includes('live') && !context.signal.aborted) await measureLive(context);
}

async function measureOffline(context: ScenarioContext): Promise<void> {
  const { clips, encoders, clipSeconds } = readOptions(context.options, context.quick);
  const { metric, encoders: there } = await probeAbilities();
  const missing = encoders.filter((name) => !there.has(ffmpegEncoder(name)));
  const folder = await mkdtemp(path.join(tmpdir(), 'barrage-bench-ladder-'));
  const curves: RateCurve[] = [];
  try {
    for (const clip of clips) {
      for await (const curve of encodeClip(context, { clip, folder, missing, metric })) {
        curves.push(curve);
        context.report(describeCurve(curve, { metric, seconds: clipSeconds }));
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  context.report(describeBdRates(curves, { anchor: encoders[0] ?? '', metric, missing }));
}

interface ClipRun {
  readonly clip: ClipName;
  readonly folder: string;
  /** Encoders this ffmpeg does not have. */
  readonly missing: readonly string[];
  readonly metric: Awaited<ReturnType<typeof probeAbilities>>['metric'];
}

/** A curve for each encoder; the raw clip is there only as long. */
async function* encodeClip(context: ScenarioContext, { clip, folder, missing, metric }: ClipRun) {
  const { encoders, rates, clipSeconds, height } = readOptions(context.options, context.quick);
  const { signal } = context;
  const raw = path.join(folder, `${clip}.y4m`);
  context.progress(`${clip}: making ${clipSeconds} s at ${height} lines`);
  await makeTestClip({ name: clip, seconds: clipSeconds, height, file: raw, signal });
  for (const encoder of encoders.filter((name) => !missing.includes(name))) {
    const trials = [];
    for (const kbps of rates) {
      if (signal.aborted) return;
      context.progress(`${clip}: ${encoder} at ${kbps} kbit/s`);
      const settings = encoderArguments(encoder, { kbps, fps: CLIP_FPS }) ?? [];
      const file = path.join(folder, 'encoded.nut');
      trials.push(
        await tryEncoding({ clip: raw, seconds: clipSeconds, encoder: settings, metric, file, signal }),
      );
    }
    yield { clip, encoder, trials, frames: clipSeconds * CLIP_FPS };
  }
  await rm(raw, { force: true });
}

async function measureLive(context: ScenarioContext): Promise<void> {
  const { seconds } = readOptions(context.options, context.quick);
  const { signal } = context;
  context.progress('live: preparing the source, starting the server');
  const source = await findOrMakeClip({ kind: 'obs', ...DEFAULT_CLIP }, signal);
  await using server = await BarrageIngest.start({ BARRAGE_LADDER__RUNGS: JSON.stringify(RUNGS) });
  await using load = await IngestLoad.start(server, source, signal);
  const starts = await load.bringTo(1);
  await pause(LIVE_SETTLE_MS, signal);
  context.progress(`live: ${seconds} s`);
  const stretch = await load.hold(seconds, SEGMENT_S);
  context.report(describeLive({ stretch, starts, metrics: await server.metrics(), rungs: RUNGS }));
}
