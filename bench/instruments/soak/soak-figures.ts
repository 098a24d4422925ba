// What a soak came to, as measurements: slopes of memory, drift of the media clock, handles left over, errors.
import { type Figure, figureOf, type MeasurementGroup, type Series } from '../../measurement.ts';
import type { CpuUse } from '../cpu-account.ts';
import type { GeneratorLoad } from '../load/generator-load.ts';
import type { BoundedSeries } from './bounded-series.ts';
import type { SoakCounts } from './soak-load.ts';
import type { Handles, SoakCurves } from './soak-sampler.ts';
import { fitTrend, secondHalf, type Trend } from './trend.ts';

/** Below this many minutes a slope says how a server warms up, not whether it leaks. */
const MEANINGFUL_MINUTES = 20;
/** Below this many minutes there is none. */
const SLOPE_MINUTES = 3;

export interface SoakResult {
  readonly minutes: number;
  readonly curves: SoakCurves;
  /** Lag of the newest segment behind the clock, ms, over minutes. */
  readonly lags: BoundedSeries;
  /** Undefined when the run ended before everybody had come. */
  readonly counts: SoakCounts | undefined;
  readonly before: Handles;
  /** After everybody had left; undefined when the run was cut off. */
  readonly after: Handles | undefined;
  /** By how much the room's total of likes has grown; undefined when not known. */
  readonly likesCounted: number | undefined;
  readonly publisherLosses: readonly string[];
  readonly cpu: CpuUse;
  readonly generator: GeneratorLoad;
}

/** The group of one soak, whole or cut off. */
export function soakGroup(result: SoakResult): MeasurementGroup {
  const { minutes, cpu, generator } = result;
  return {
    key: 'soak',
    title: `${minutes.toFixed(1)} minutes of mixed load`,
    measurements: [
      ...slopeFigures(result),
      ...driftFigures(result),
      ...leftoverFigures(result),
      ...errorFigures(result),
    ],
    series: allSeries(result),
    ...{ cpu, generator },
    notes: describe(result),
  };
}

function slopeFigures({ curves, minutes }: SoakResult): Figure[] {
  return [...curves].flatMap(([name, curve]) => {
    if (!name.startsWith('memory-') && name !== 'heap') return [];
    const trend = fitTrend(secondHalf(curve.points));
    const what =
      name === 'heap' ? "the server's JavaScript heap" : `memory of ${name.slice('memory-'.length)}`;
    const peak = count({ key: `${name}-peak`, title: `peak ${what}`, unit: 'MB', value: curve.max });
    if (!trend || minutes < SLOPE_MINUTES) return [peak];
    return [
      peak,
      ...slopeOf(trend, { key: `${name}-slope`, title: `growth of ${what}`, unit: 'MB/h', factor: 60 }),
    ];
  });
}

function driftFigures({ lags, minutes }: SoakResult): Figure[] {
  const trend = fitTrend(lags.points);
  if (!trend || minutes < SLOPE_MINUTES) return [];
  const perHour = { key: 'drift', title: 'drift of the media clock', unit: 'ms/h', factor: 60 };
  // One ms a minute is a second in 60,000: 16.7 ppm.
  const ppm = { key: 'driftPpm', title: '... in parts per million', unit: 'ppm', factor: 1e6 / 60_000 };
  return [...slopeOf(trend, perHour, 'neither'), ...slopeOf(trend, ppm, 'neither')];
}

interface SlopeName {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** From units of y for a minute to `unit`. */
  readonly factor: number;
}

function slopeOf({ slope, margin }: Trend, name: SlopeName, better: Figure['better'] = 'lower'): Figure[] {
  const { key, title, unit, factor } = name;
  const figures = [figureOf({ key, title, unit, better, value: slope * factor })];
  if (Number.isFinite(margin)) {
    const value = margin * factor;
    const half = `... half of its 95% interval`;
    figures.push(figureOf({ key: `${key}-margin`, title: half, unit, better: 'neither', value }));
  }
  return figures;
}

function leftoverFigures({ before, after }: SoakResult): Figure[] {
  if (!after) return [];
  const titles: Record<keyof Handles, string> = {
    descriptors: 'descriptors',
    udpSockets: 'UDP sockets',
    tcpConnected: 'TCP connections',
    processes: 'processes',
  };
  return Object.entries(titles).map(([name, title]) => {
    const key = name as keyof Handles;
    return count({
      key: `${key}-left`,
      title: `${title} more than before, all gone`,
      value: after[key] - before[key],
    });
  });
}

function errorFigures({ counts, curves, likesCounted, publisherLosses }: SoakResult): Figure[] {
  if (!counts?.visitors) return [];
  const { visitors, hls, media } = counts;
  const { sends } = visitors;
  return [
    count({ key: 'valueMissed', title: 'value events missed', value: visitors.valueMissed }),
    count({ key: 'unseen', title: 'danmaku acknowledged but not seen', value: visitors.unseen }),
    count({ key: 'saidGone', title: 'danmaku left out and said so', value: visitors.saidGone }),
    count({ key: 'duplicates', title: 'events sent twice', value: visitors.duplicates }),
    count({ key: 'refused', title: 'danmaku and likes refused', value: total(sends.refused) }),
    ...(likesCounted === undefined
      ? []
      : [
          count({
            key: 'likesOff',
            title: 'likes the total is off, beyond those whose answer did not come',
            value: likesOff(sends, likesCounted),
          }),
        ]),
    count({ key: 'lostSockets', title: 'WebSockets lost or refused', value: total(visitors.failures) }),
    count({ key: 'hlsStalls', title: 'HLS stalls', value: hls.stalls }),
    count({ key: 'hlsErrors', title: 'HLS requests failed', value: total(hls.errors) }),
    count({
      key: 'mediaFreezes',
      title: 'WHEP sessions that went without packets for a second',
      value: media.freezes,
    }),
    count({ key: 'mediaFailures', title: 'WHEP joins failed', value: total(media.failures) }),
    count({ key: 'publisherLosses', title: 'publishers lost', value: publisherLosses.length }),
    count({
      key: 'refusals',
      title: 'requests and commands refused by the server',
      value: curves.get('refusals')?.growth ?? 0,
    }),
    count({
      key: 'eventLoopMax',
      title: 'longest delay of the event loop',
      unit: 'ms',
      value: curves.get('eventLoopMax')?.max ?? 0,
    }),
  ];
}

/** Likes without an answer may or may not have been counted. */
function likesOff(
  sends: { readonly liked: number; readonly likesUnanswered: number },
  counted: number,
): number {
  const { liked, likesUnanswered } = sends;
  return Math.max(0, liked - counted) + Math.max(0, counted - liked - likesUnanswered);
}

function allSeries({ curves, lags }: SoakResult): Series[] {
  const units: Readonly<Record<string, string>> = {
    heap: 'MB',
    external: 'MB',
    eventLoopMax: 'ms',
    buffered: 'bytes',
  };
  const series = [...curves].map(([name, curve]) =>
    seriesOf(name, units[name] ?? (name.startsWith('memory-') ? 'MB' : ''), curve),
  );
  return lags.points.length > 0 ? [...series, seriesOf('media-lag', 'ms', lags)] : series;
}

function seriesOf(key: string, unit: string, curve: BoundedSeries): Series {
  const title = key.replace('-', ' of ');
  return { key, title, x: { title: 'time', unit: 'min' }, y: { title, unit }, points: curve.points };
}

function describe({ minutes, counts, after, publisherLosses }: SoakResult): string[] {
  const short = minutes < MEANINGFUL_MINUTES;
  return [
    ...(short
      ? [
          `A run of less than ${MEANINGFUL_MINUTES} minutes shows a server that warms up: its slopes and drift mean nothing.`,
        ]
      : [
          'Slopes are fitted by least squares to means of 12 blocks of the second half of the run; the drift to the whole of it.',
        ]),
    ...(after ? [] : ['Cut off before everybody had left: what is left over is not known.']),
    ...(publisherLosses.length > 0
      ? [`Publishers were lost: ${[...new Set(publisherLosses)].join(', ')}.`]
      : []),
    ...(counts?.visitors ? describeCounts(counts) : []),
  ];
}

function describeCounts({ visitors, hls, media }: SoakCounts): string[] {
  if (!visitors) return [];
  const { sends } = visitors;
  return [
    `${visitors.left} visitors came and went; danmaku sent ${sends.sent}, acknowledged ${sends.acknowledged}; likes ${sends.liked}; without an answer, since their visitor left or was lost, ${sends.unanswered} commands.`,
    `HLS: ${hls.segments} segments, ${(hls.bytes / 1e6).toFixed(1)} MB, stalled for ${hls.stalledMs.toFixed(0)} ms. WHEP: ${media.joins} joins, ${media.packets} packets.`,
    `Errors by kind: ${list({ ...visitors.failures, ...sends.refused })}; HLS ${list(hls.errors)}; WHEP ${list(media.failures)}.`,
  ];
}

function list(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts);
  return entries.length === 0 ? 'none' : entries.map(([name, value]) => `${name} ${value}`).join(', ');
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

function count(figure: { key: string; title: string; unit?: string; value: number }): Figure {
  return figureOf({ unit: '', better: 'lower', ...figure });
}
