// Glass to glass: from the clock burned into the picture before the encoder to the clock read from the
// decoded picture in Chromium, for each playback path; with the publisher's own encoder taken apart.
import { audioVideoSkews } from '../instruments/audio-video-skew.ts';
import type { ClockSample } from '../instruments/clock-reader.browser.ts';
import { CpuAccount } from '../instruments/cpu-account.ts';
import type { Publisher, PublisherPreset } from '../instruments/publisher.ts';
import type { BeepOnset } from '../instruments/sound-probe.browser.ts';
import { type PlainTarget, Viewer } from '../instruments/viewer.ts';
import { latencyOf, type Measurement, type MeasurementGroup } from '../measurement.ts';
import { readChoice, readChoices, readCount, readSize } from '../option-values.ts';
import { type OptionValues, pause, type Scenario, type ScenarioContext } from '../scenario.ts';
import { checkTargetOptions, TARGET_HELP, TARGET_OPTIONS, Testbed } from '../testbed.ts';

const PATHS = ['whep', 'hls'] as const;
const PRESETS = ['obs', 'low-latency'] as const;
const DEFAULTS = { seconds: 30, joins: 10, warmUpS: 15, settleS: 15, size: '1280x720' };
const QUICK = { seconds: 6, joins: 2, warmUpS: 2, settleS: 2, size: '640x360' };
const DRAIN_EVERY_MS = 1_000;
export const latency: Scenario = {
  name: 'latency',
  summary: 'glass to glass RTMP to WHEP and to HLS, by a clock burned into the picture',
  options: {
    ...TARGET_OPTIONS,
    seconds: { type: 'string' },
    paths: { type: 'string' },
    preset: { type: 'string' },
    size: { type: 'string' },
    'warm-up': { type: 'string' },
    joins: { type: 'string' },
  },
  help: {
    seconds: 'how long to measure each path; default 30',
    paths: 'whep,hls; default both',
    preset: "the publisher's encoder: obs (default) or low-latency",
    'warm-up': `seconds a viewer watches before it is measured; default ${DEFAULTS.warmUpS}`,
    joins: `how often a player joins, to see how long its first picture takes; default ${DEFAULTS.joins}`,
    size: 'coded size of the publisher, default 1280x720',
    ...TARGET_HELP,
  },
  figures: ['whep-obs/glass', 'whep-obs/soundSkew', 'whep-obs/join', 'hls-obs/glass', 'hls-obs/join'],
  rivals: [],
  checkOptions: (options) => {
    checkTargetOptions(options);
    readOptions(options);
  },
  run,
};

function readOptions(options: OptionValues, quick = false) {
  const defaults = quick ? QUICK : DEFAULTS;
  return {
    seconds: readCount(options['seconds'], 'seconds', { fallback: defaults.seconds }),
    paths: readChoices(options['paths'], 'paths', PATHS),
    preset: readChoice(options['preset'], 'preset', { allowed: PRESETS, fallback: 'obs' }),
    warmUpS: readCount(options['warm-up'], 'warm-up', { fallback: defaults.warmUpS }),
    joins: readCount(options['joins'], 'joins', { fallback: defaults.joins, max: 1000 }),
    size: readSize(options['size'], defaults.size),
    // A ladder too large for the machine is made smaller in its first seconds; that is not the steady state.
    settleMs: defaults.settleS * 1000,
  };
}

async function run(context: ScenarioContext): Promise<void> {
  const { settleMs, size, paths, ...settings } = readOptions(context.options, context.quick);
  await using testbed = await Testbed.open(context);
  const publisher = await testbed.publish(context, { preset: settings.preset, tapEncoder: true, ...size });
  context.progress('letting the ladder settle');
  await pause(settleMs, context.signal);
  for (const path of paths) {
    if (context.signal.aborted) return;
    context.report(await measurePath({ context, testbed, publisher, path, ...settings }));
  }
}

interface PathRun {
  readonly context: ScenarioContext;
  readonly testbed: Testbed;
  readonly publisher: Publisher;
  readonly path: (typeof PATHS)[number];
  readonly seconds: number;
  readonly warmUpS: number;
  readonly joins: number;
  readonly preset: PublisherPreset;
}

async function measurePath(run: PathRun): Promise<MeasurementGroup> {
  const { context, testbed, path } = run;
  const target: PlainTarget = { protocol: path, url: testbed.urls[path] };
  const joins: number[] = [];
  while (joins.length < run.joins && !context.signal.aborted) {
    context.progress(`${path}: join ${joins.length + 1} of ${run.joins}`);
    joins.push(await Viewer.timeJoin(testbed.browser, testbed.pages, target));
  }
  const viewer = await Viewer.openPlain(testbed.browser, testbed.pages, target);
  try {
    await viewer.startReading();
    await viewer.waitForPictures(1, { timeoutMs: 30_000 });
    await viewer.startListening();
    context.progress(`${path}: warming up`);
    await pause(run.warmUpS * 1000, context.signal);
    return await measureViewer(run, viewer, joins);
  } finally {
    await viewer.close();
  }
}

async function measureViewer(
  run: PathRun,
  viewer: Viewer,
  joins: readonly number[],
): Promise<MeasurementGroup> {
  const { context, publisher, path, seconds } = run;
  await viewer.drain();
  await viewer.drainBeeps();
  const before = await viewer.counts();
  const skippedBefore = publisher.skippedPictures;
  const cpu = new CpuAccount({
    ...(run.testbed.server ? { server: () => run.testbed.server?.pid ?? 0 } : {}),
    publisher: () => publisher.pid,
    bench: () => process.pid,
  });
  const pictures: PictureTimes[] = [];
  const samples: ClockSample[] = [];
  const beeps: BeepOnset[] = [];
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline && !context.signal.aborted) {
    const leftS = Math.ceil((deadline - performance.now()) / 1000);
    context.progress(`${path}: measuring, ${leftS} s left, ${pictures.length} pictures`);
    await pause(DRAIN_EVERY_MS, context.signal);
    const fresh = await viewer.drain();
    samples.push(...fresh);
    // Joined at once: the publisher remembers when a picture left its encoder for a limited time only.
    pictures.push(...fresh.map((sample) => timesOf(sample, publisher)));
    beeps.push(...(await viewer.drainBeeps()));
    if (!publisher.running) throw new Error(`the publisher ended: ${publisher.stderrTail}`);
  }
  const after = await viewer.counts();
  return {
    key: `${run.path}-${run.preset}`,
    title: pathTitle(run),
    measurements: [
      ...toMeasurements(pictures, audioVideoSkews(beeps, samples)),
      latencyOf('join', 'join to first picture', joins),
    ],
    cpu: cpu.read(),
    notes: [
      `Pictures read ${after.read - before.read}, with a wrong checksum ${after.rejected - before.rejected}, not seen by the reader ${after.dropped - before.dropped}; left out by the source ${publisher.skippedPictures - skippedBefore}.`,
      `Shown at ${samples.at(-1)?.width ?? 0}x${samples.at(-1)?.height ?? 0} at the end.`,
    ],
  };
}

interface PictureTimes {
  readonly glassMs: number;
  readonly encoderMs: number | undefined;
  /** From the last packet's arrival in the browser to the screen: jitter buffer and decoder (WebRTC only). */
  readonly playerMs: number | undefined;
}

function timesOf(sample: ClockSample, publisher: Publisher): PictureTimes {
  const encodedAtMs = publisher.encodedAtMs(sample.clockMs);
  return {
    glassMs: sample.shownAtMs - sample.clockMs,
    encoderMs: encodedAtMs === undefined ? undefined : encodedAtMs - sample.clockMs,
    playerMs: sample.receiveTimeMs === undefined ? undefined : sample.shownAtMs - sample.receiveTimeMs,
  };
}

function toMeasurements(pictures: readonly PictureTimes[], skews: readonly number[]): Measurement[] {
  const each = (value: (times: PictureTimes) => number | undefined) =>
    pictures.flatMap((times) => value(times) ?? []);
  const glass = each(({ glassMs }) => glassMs);
  const encoder = each(({ encoderMs }) => encoderMs);
  const afterEncoder = each(({ glassMs, encoderMs }) => encoderMs && glassMs - encoderMs);
  const network = each(
    ({ glassMs, encoderMs, playerMs }) => encoderMs && playerMs && glassMs - encoderMs - playerMs,
  );
  const player = each(({ playerMs }) => playerMs);
  const all = [
    ['glass', 'glass to glass', glass],
    ['encoder', "of it the publisher's encoder", encoder],
    ['afterEncoder', 'of it server, network and player', afterEncoder],
    ['network', "... encoder's output to the browser's socket", network],
    ['player', "... the browser's jitter buffer and decoder", player],
    ['soundSkew', 'sound after picture', skews],
  ] as const;
  return all.flatMap(([key, title, values]) => (values.length > 0 ? [latencyOf(key, title, values)] : []));
}

function pathTitle({ path, preset }: PathRun): string {
  return `RTMP (${preset}) to ${path === 'whep' ? 'WHEP' : 'HLS'}`;
}
