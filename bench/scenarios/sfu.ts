// Fan-out of one or many publishers to WHEP viewers with real ICE, DTLS and SRTP that do not decode: packets per
// busy core, loss, added delay, joins; viewers are added until loss or delay breaks its limit.
//
// Delay runs from the moment ffmpeg hands a picture on to the arrival of its packets in the viewer's JavaScript;
// a picture is recognised by the bytes of its first slice, which a server that forwards keeps. Viewers neither
// ask for retransmissions nor report loss, so that what is lost stays lost.

import { type RampResult, type RampStep, ramp } from '../instruments/load/load-ramp.ts';
import { SfuBed } from '../instruments/sfu/sfu-bed.ts';
import {
  describeJoins,
  describeStretch,
  describeWait,
  rampSeries,
  type SfuLimits,
  type SfuStep,
  whyBroken,
} from '../instruments/sfu/sfu-figures.ts';
import { type SfuServer, startBarrage, startJanus, targetElsewhere } from '../instruments/sfu/sfu-server.ts';
import { OptionError, readCount, readNumber, readSize } from '../option-values.ts';
import { BARRAGE, type OptionValues, pause, type Scenario, type ScenarioContext } from '../scenario.ts';
import { readTarget } from '../target.ts';

const SETTLE_MS = 2_000;
/** The first step's: a stream's clock and pace settle only while somebody watches. */
const WARM_UP_MS = { quick: 8_000, full: 20_000 } as const;
const CLIP_S = 5;

export const sfu: Scenario = {
  name: 'sfu',
  summary: 'fan-out to WHEP viewers: packets per core, loss, added delay, joins',
  options: {
    publishers: { type: 'string' },
    start: { type: 'string' },
    viewers: { type: 'string' },
    seconds: { type: 'string' },
    'join-rate': { type: 'string' },
    kbps: { type: 'string' },
    size: { type: 'string' },
    generators: { type: 'string' },
    'max-loss': { type: 'string' },
    'max-delay': { type: 'string' },
    target: { type: 'string' },
    publish: { type: 'string' },
    room: { type: 'string' },
  },
  help: {
    publishers: 'publishers, each into a room of its own; viewers are spread over them; default 1',
    start: 'viewers of the first step; default 40, with --quick 20',
    viewers: 'viewers the ramp ends at when nothing breaks before; default 400, with --quick 60',
    seconds: 'how long each step is measured; default 10, with --quick 3',
    'join-rate': 'joins a second; default 20',
    kbps: 'bit rate of each publisher; default 2500',
    size: 'coded size, default 1280x720',
    generators:
      "processes the viewers are spread over; default 1: libdatachannel's threads use several cores",
    'max-loss': 'lost packets that break a step, %; default 0.1',
    'max-delay': "delay p99 above the first step's that breaks a step, ms; default 25",
    target: 'base URL of a running server; default: one is started',
    publish: 'RTMP URL with stream key of the room (with --target)',
    room: 'room of that key (with --target); default demo',
  },
  figures: ['knee/packetsPerCore', 'knee/gbitPerCore', 'knee/loss', 'rated/delayLast', 'join/join'],
  rivals: ['janus'],
  checkOptions: (options) => void readOptions(options, false),
  run,
};

function readOptions(options: OptionValues, quick: boolean) {
  const origin = readTarget(options);
  const publishers = readCount(options['publishers'], 'publishers', { fallback: 1, max: 64 });
  const { publish, room } = options;
  if (origin !== undefined && typeof publish !== 'string') {
    throw new OptionError('--target needs --publish rtmp://HOST/live/STREAM_KEY');
  }
  if (origin !== undefined && publishers > 1) throw new OptionError('--target takes one publisher only');
  const max = readCount(options['viewers'], 'viewers', { fallback: quick ? 60 : 400, max: 5000 });
  const limits: SfuLimits = {
    maxLossPercent: readNumber(options['max-loss'], 'max-loss', 0.1),
    maxAddedDelayMs: readNumber(options['max-delay'], 'max-delay', 25),
  };
  return {
    ...{ publishers, max, limits },
    start: Math.min(max, readCount(options['start'], 'start', { fallback: quick ? 20 : 40, max: 5000 })),
    elsewhere:
      origin === undefined ? undefined : { origin, publish: String(publish), room: String(room ?? 'demo') },
    seconds: readCount(options['seconds'], 'seconds', { fallback: quick ? 3 : 10, max: 600 }),
    joinsPerSecond: readCount(options['join-rate'], 'join-rate', { fallback: 20, max: 1000 }),
    bitrateKbps: readCount(options['kbps'], 'kbps', { fallback: 2500, max: 100_000 }),
    generators: readCount(options['generators'], 'generators', { fallback: 1, max: 64 }),
    size: readSize(options['size'], '1280x720'),
  };
}

type SfuOptions = ReturnType<typeof readOptions>;

async function run(context: ScenarioContext): Promise<void> {
  const options = readOptions(context.options, context.quick);
  const { bitrateKbps, size, generators, joinsPerSecond } = options;
  context.progress('starting the server');
  const server = await startServer(context.subject, options);
  context.progress('encoding the clip, publishing it');
  await using bed = await SfuBed.open({
    ...{ server, generators, joinsPerSecond },
    clip: { ...size, bitrateKbps, seconds: CLIP_S, signal: context.signal },
  });
  const steps: SfuStep[] = [];
  try {
    const result = await rampViewers({ context, bed, options, steps });
    report(context, { result, bed, options });
  } catch (error) {
    // What an interruption leaves behind is still worth reporting.
    if (!context.signal.aborted || steps.length === 0) throw error;
    report(context, { result: partialResult(steps), bed, options });
  }
}

function startServer(subject: string, options: SfuOptions): Promise<SfuServer> | SfuServer {
  if (subject !== BARRAGE) return startJanus(options.publishers);
  return options.elsewhere ? targetElsewhere(options.elsewhere) : startBarrage(options.publishers);
}

interface Run {
  readonly context: ScenarioContext;
  readonly bed: SfuBed;
  readonly options: SfuOptions;
  readonly steps: SfuStep[];
}

function rampViewers({ context, bed, options, steps }: Run): Promise<RampResult<SfuStep>> {
  const { start, max, seconds, limits } = options;
  const warmUpMs = context.quick ? WARM_UP_MS.quick : WARM_UP_MS.full;
  return ramp({
    ...{ start, max, factor: context.quick ? 3 : 1.6, refinements: context.quick ? 0 : 2 },
    step: async (viewers) => {
      context.progress(`${viewers} viewers: joining`);
      const joins = await bed.bringTo(viewers);
      context.progress(`${viewers} viewers: settling`);
      await pause(steps.length === 0 ? warmUpMs : SETTLE_MS, context.signal);
      const stretch = await bed.measure(async () => {
        for (let left = seconds; left > 0; left--) {
          context.progress(`${viewers} viewers: measuring, ${left} s left`);
          await pause(1000, context.signal);
        }
      });
      const step = { joins, stretch };
      steps.push(step);
      return step;
    },
    broken: (step) => whyBroken(step, steps[0] ?? step, limits),
    signal: context.signal,
  });
}

/** The steps of a ramp that was cut off; none of them is known to have broken anything. */
function partialResult(outcomes: readonly SfuStep[]): RampResult<SfuStep> {
  const steps = outcomes.map((outcome): RampStep<SfuStep> => {
    return { offered: outcome.stretch.viewers, outcome, broken: undefined };
  });
  return { steps, knee: steps.at(-1), firstBroken: undefined };
}

function report(
  context: ScenarioContext,
  run: { result: RampResult<SfuStep>; bed: SfuBed; options: SfuOptions },
): void {
  const { result, bed, options } = run;
  const { steps, firstBroken } = result;
  const knee = result.knee ?? steps[0];
  if (!knee) return;
  const { mediaProcess, notes } = bed.server;
  const rated = steps.findLast(({ offered }) => offered <= knee.offered / 2) ?? steps[0] ?? knee;
  const held = steps.filter(({ offered }) => offered <= knee.offered).map(({ outcome }) => outcome);
  context.report({
    ...describeStretch({
      ...{ key: 'knee', title: 'Highest load that held', mediaProcess },
      stretch: knee.outcome.stretch,
      notes: [...notes, rampNote(result, options), ...sharingNote(context), ...quickNote(context)],
    }),
    series: rampSeries(steps, mediaProcess),
  });
  context.report(
    describeStretch({
      ...{ key: 'rated', title: 'At most half of it', mediaProcess },
      ...{ stretch: rated.outcome.stretch, notes: firstBroken ? [] : ['No load tried broke a limit.'] },
    }),
  );
  context.report(describeJoins(held, options.joinsPerSecond));
}

function rampNote({ knee, firstBroken }: RampResult<SfuStep>, { limits }: SfuOptions): string {
  const limit = `Limits: loss ${limits.maxLossPercent}%, delay p99 ${limits.maxAddedDelayMs} ms above the lightest step's.`;
  const none = knee ? '' : ' No step held: the figures are those of the first.';
  const broke = firstBroken
    ? ` ${firstBroken.offered} viewers broke: ${firstBroken.broken}; ${describeWait(firstBroken.outcome.stretch)}.`
    : '';
  return limit + none + broke;
}

function sharingNote(context: ScenarioContext): string[] {
  const shared = 'Viewers and server share this machine: the highest load is that of both together.';
  return context.options['target'] === undefined || context.subject !== BARRAGE ? [shared] : [];
}

/** The lightest step comes first: it suffers most. */
function quickNote({ quick }: ScenarioContext): string[] {
  return quick
    ? [
        "With --quick the stream's clock is still settling: delays of the lightest step are up to some 20 ms high.",
      ]
    : [];
}
