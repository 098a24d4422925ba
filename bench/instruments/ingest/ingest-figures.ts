// What the ingest benchmark tells of its stretches: when a server fell behind, and figures per stream and per
// busy core. Pure but for asking the server for its own metrics.

import {
  figureOf,
  latencyOf,
  type Measurement,
  type MeasurementGroup,
  type Series,
} from '../../measurement.ts';
import type { CpuUse } from '../cpu-account.ts';
import type { RampResult, RampStep } from '../load/load-ramp.ts';
import type { IngestStretch, StartTimes } from './ingest-load.ts';
import type { BarrageIngest } from './ingest-target.ts';

/** Media a server may leave unread for longer than half a second before it counts as behind. */
const MAX_BACKLOG_MS = 1_000;
const MAX_LOOP_DELAY_MS = 250;
/** A generator this late offers less than it should. */
const MAX_GENERATOR_LATE_MS = 1_000;

/** Why a server did not carry its streams; undefined when it did. */
export function whyBroken(stretch: IngestStretch, starts: StartTimes): string | undefined {
  const [failure] = starts.failures;
  if (failure !== undefined) return `${starts.failures.length} publishers did not get live: ${failure}`;
  const [lost] = stretch.lost;
  if (lost !== undefined) return `${stretch.lost.length} publishers were cut off: ${lost}`;
  if (stretch.generatorLateMs > MAX_GENERATOR_LATE_MS)
    return `the generator was ${Math.round(stretch.generatorLateMs)} ms late: its limit, not the server's`;
  if (stretch.backlogMs > MAX_BACKLOG_MS)
    return `${Math.round(stretch.backlogMs)} ms of a stream unread, allowed are ${MAX_BACKLOG_MS}`;
  if (stretch.laggingPlaylists > 0) return `${stretch.laggingPlaylists} playlists fell behind the clock`;
  if (stretch.loopDelayMs === Number.POSITIVE_INFINITY) return 'it was too busy to tell its metrics';
  if ((stretch.loopDelayMs ?? 0) > MAX_LOOP_DELAY_MS)
    return `event loop ${Math.round(stretch.loopDelayMs ?? 0)} ms late at p99, allowed are ${MAX_LOOP_DELAY_MS}`;
  return undefined;
}

/** CPU seconds of the server's processes; of one program when it is named. */
export function serverCpuSeconds({ cpuSeconds }: CpuUse, program = ''): number {
  return Object.entries(cpuSeconds)
    .filter(([label]) => label.startsWith(`server/${program}`))
    .reduce((sum, [, seconds]) => sum + seconds, 0);
}

/** One step of a ramp: how its new publishers started, and a stretch with all of them. */
export interface IngestStep {
  readonly stretch: IngestStretch;
  readonly starts: StartTimes;
  /** Resident memory of the server before its first publisher. */
  readonly idleRssBytes: number;
  /** Mean bit rate of a stream. */
  readonly kbps: number;
}

/** The group of a ramp of streams that are passed through; `settings` are the server's, when not its defaults. */
export function describeRamp(result: RampResult<IngestStep>, settings: string | undefined): MeasurementGroup {
  const { knee, steps } = result;
  const shown = knee ?? steps.at(-1);
  const starts = mergeStarts(steps.filter(({ broken }) => broken === undefined));
  return {
    key: 'passthrough',
    title: 'RTMP to HLS, passed through',
    measurements: shown ? [...perCore(shown.outcome), ...startFigures(starts)] : [],
    series: rampSeries(steps),
    ...(shown ? { cpu: shown.outcome.stretch.cpu, generator: shown.outcome.stretch.generator } : {}),
    notes: [
      `${Math.round(shown?.outcome.kbps ?? 0)} kbit/s each, 720p30 with AAC, replayed in real time; HLS segments of 2 s.`,
      ...(settings === undefined ? [] : [`Settings: ${settings}.`]),
      ...describeEnd(result),
      'Memory counts processes only; nginx-rtmp keeps its segments in files, Barrage up to 17 of them in memory.',
    ],
  };
}

function mergeStarts(steps: readonly RampStep<IngestStep>[]): StartTimes {
  return {
    toPlaylistMs: steps.flatMap(({ outcome }) => outcome.starts.toPlaylistMs),
    toLiveMs: steps.flatMap(({ outcome }) => outcome.starts.toLiveMs),
    failures: [],
  };
}

function describeEnd({ knee, steps }: RampResult<IngestStep>): string[] {
  const held = knee ? [`${knee.offered} streams were carried; figures are of that step.`] : [];
  const broken = steps.flatMap(({ offered, broken }) =>
    broken === undefined ? [] : [`${offered} streams were too many: ${broken}.`],
  );
  return [...held, ...(broken.length > 0 ? broken : ['Nothing broke up to the highest step.'])];
}

function perCore({ stretch, kbps, idleRssBytes }: IngestStep): Measurement[] {
  const { streams, cpu } = stretch;
  const cores = serverCpuSeconds(cpu) / cpu.wallSeconds;
  const memoryMiB = (stretch.rssBytes - idleRssBytes) / streams / 2 ** 20;
  const loop = stretch.loopDelayMs;
  return [
    figure('streamsPerCore', 'streams per busy core', ['streams', 'higher', streams / cores]),
    figure('mbpsPerCore', 'taken in per busy core', ['Mbit/s', 'higher', (streams * kbps) / 1000 / cores]),
    figure('cpuPerStream', 'CPU of a stream', ['ms/s', 'lower', (cores * 1000) / streams]),
    figure('streams', 'streams carried', ['streams', 'neither', streams]),
    figure('memoryPerStream', 'memory of a stream', ['MiB', 'lower', memoryMiB]),
    figure('backlog', 'largest lasting backlog of a stream', ['ms', 'lower', stretch.backlogMs]),
    ...(loop === undefined ? [] : [figure('loopDelay', 'event loop delay, p99', ['ms', 'lower', loop])]),
  ];
}

function figure(
  key: string,
  title: string,
  [unit, better, value]: readonly [string, 'lower' | 'higher' | 'neither', number],
): Measurement {
  return figureOf({ key, title, unit, better, value });
}

function startFigures({ toPlaylistMs, toLiveMs }: StartTimes): Measurement[] {
  const all = [
    latencyOf('toPlaylist', 'connecting to first HLS playlist', toPlaylistMs),
    latencyOf('toLive', 'connecting to live by the API', toLiveMs),
  ];
  return all.filter(({ values }) => Array.isArray(values) && values.length > 0);
}

function rampSeries(steps: readonly RampStep<IngestStep>[]): Series[] {
  const x = { title: 'streams offered', unit: '' };
  const curve = (key: string, title: string, y: { unit: string; of: (one: IngestStretch) => number }) => ({
    ...{ key, title, x, y: { title, unit: y.unit } },
    points: steps.map(({ offered, outcome }) => [offered, y.of(outcome.stretch)] as const),
  });
  const cores = ({ cpu }: IngestStretch) => serverCpuSeconds(cpu) / cpu.wallSeconds;
  return [
    curve('cores', 'busy cores of the server', { unit: 'cores', of: cores }),
    curve('cpu-per-stream', 'CPU of a stream', {
      unit: 'ms/s',
      of: (one) => (cores(one) * 1000) / one.streams,
    }),
    curve('backlog', 'largest lasting backlog', { unit: 'ms', of: (one) => one.backlogMs }),
    curve('memory', 'memory of the server', { unit: 'MiB', of: (one) => one.rssBytes / 2 ** 20 }),
  ];
}

/** The group of streams that are encoded: what ffmpeg and the server take for each second of a stream. */
export async function describeTranscode(options: {
  readonly part: string;
  readonly stretch: IngestStretch;
  readonly starts: StartTimes;
  readonly target: BarrageIngest;
  readonly settings: Readonly<Record<string, string>>;
}): Promise<MeasurementGroup> {
  const { part, stretch, starts, target, settings } = options;
  const { cpu, streams } = stretch;
  const perSecond = (program: string) => serverCpuSeconds(cpu, program) / cpu.wallSeconds / streams;
  const metrics = await target.metrics();
  const speeds = metrics.labelled('barrage_transcoder_speed').map(({ value }) => value);
  const encoded = metrics.labelled('barrage_rendition_bitrate_bps').map(({ value }) => value);
  const broken = whyBroken(stretch, starts);
  return {
    key: part,
    title: TITLES[part] ?? `RTMP to one rung of ${part}`,
    measurements: [
      figure('ffmpeg', 'CPU of ffmpeg for a second of a stream', [
        'ms/s',
        'lower',
        perSecond('ffmpeg') * 1000,
      ]),
      figure('node', 'CPU of Node for a second of a stream', ['ms/s', 'lower', perSecond('node') * 1000]),
      figure('streamsPerCore', 'streams per busy core', ['streams', 'higher', 1 / perSecond('')]),
      figure('speed', 'slowest ffmpeg, 1 is real time', ['x', 'higher', Math.min(...speeds)]),
      ...startFigures(starts),
    ],
    ...{ cpu, generator: stretch.generator },
    notes: [
      `Settings: ${JSON.stringify(settings)}; ${streams} stream(s) for ${Math.round(cpu.wallSeconds)} s.`,
      `${encoded.length} renditions at the end: ${encoded.map((bps) => Math.round(bps / 1000)).join(', ')} kbit/s.`,
      ...(broken === undefined ? [] : [`It did not keep up: ${broken}.`]),
    ],
  };
}

const TITLES: Readonly<Record<string, string>> = {
  sound: 'RTMP passed through, with Opus for WebRTC',
  ladder: 'RTMP to a whole ladder: 720p, 480p, 360p and Opus',
};
