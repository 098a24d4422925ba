// What storms of one kind came to, as measurements: several of them are judged together, by their worst.
import { figureOf, latencyOf, type MeasurementGroup, type Series } from '../../measurement.ts';
import type { CpuUse } from '../cpu-account.ts';
import { LatencyHistogram } from '../latency-histogram.ts';
import type { GeneratorLoad } from '../load/generator-load.ts';
import type { Strain } from '../strain-watch.ts';
import { peakRate, type StormOutcome, shareCurve, timeUntil } from './storm.ts';
import type { CrowdAudit } from './storm-crowd.ts';

/** One storm, measured. */
export interface StormMeasure {
  readonly outcome: StormOutcome;
  readonly audit: CrowdAudit;
  /** From the moment people could come back until all had. */
  readonly cpu: CpuUse;
  readonly strain: Strain;
  readonly generator: GeneratorLoad;
  /** From the order to go until its successor was ready, ms; undefined when the server stayed. */
  readonly downMs: number | undefined;
  /** After how long packets flowed again to each WHEP viewer, ms. */
  readonly mediaBackMs: readonly number[];
  /** WHEP viewers without packets at the end. */
  readonly mediaMissing: number;
}

export interface StormKind {
  readonly key: string;
  readonly title: string;
  /** What happened and from when times count. */
  readonly note: string;
}

/** The group of all storms of a kind; at least one. */
export function stormGroup(kind: StormKind, storms: readonly StormMeasure[]): MeasurementGroup {
  const last = storms.at(-1);
  if (!last) throw new Error(`no storm of kind ${kind.key}`);
  return {
    key: kind.key,
    title: kind.title,
    measurements: [...returnFigures(storms), ...lossFigures(storms), ...costFigures(storms)],
    series: [shareSeries(storms)],
    cpu: last.cpu,
    generator: last.generator,
    notes: [kind.note, ...storms.flatMap(describeStorm)],
  };
}

function returnFigures(storms: readonly StormMeasure[]) {
  const times = new LatencyHistogram();
  for (const { outcome } of storms) for (const ms of outcome.resumedMs) times.record(ms);
  const until = [50, 99, 100].flatMap((percent) => {
    const each = storms.map(({ outcome }) => timeUntil(outcome, percent));
    if (each.some((ms) => ms === undefined)) return [];
    const value = Math.max(...each.map((ms) => (ms ?? 0) / 1000));
    const title = `until ${percent}% were back, slowest storm`;
    return [figureOf({ key: `until${percent}`, title, unit: 's', better: 'lower', value })];
  });
  const missing = sum(storms, ({ outcome }) => outcome.viewers - outcome.resumed);
  const mediaMissing = sum(storms, (storm) => storm.mediaMissing);
  const mediaBack = storms.flatMap(({ mediaBackMs }) => mediaBackMs);
  const down = storms.flatMap(({ downMs }) => downMs ?? []);
  return [
    ...(times.count > 0 ? [latencyOf('back', 'until a viewer was back', times)] : []),
    ...until,
    countOf('notBack', 'viewers not back at the end', missing),
    ...(mediaBack.length > 0
      ? [latencyOf('mediaBack', 'until media packets came again (WHEP)', mediaBack)]
      : []),
    ...(mediaBack.length + mediaMissing > 0
      ? [countOf('mediaMissing', 'WHEP viewers without packets at the end', mediaMissing)]
      : []),
    ...(down.length > 0
      ? [
          figureOf({
            key: 'down',
            title: 'from the signal to a server ready again',
            unit: 's',
            better: 'lower',
            value: Math.max(...down) / 1000,
          }),
        ]
      : []),
  ];
}

function lossFigures(storms: readonly StormMeasure[]) {
  const total = (read: (audit: CrowdAudit) => number) => sum(storms, ({ audit }) => read(audit));
  return [
    countOf(
      'valueMissed',
      'value events missed, over all viewers',
      total((a) => a.valueMissed),
    ),
    countOf(
      'unseen',
      'danmaku acknowledged but not seen nor said to be gone, over all viewers',
      total((a) => a.unseen),
    ),
    countOf(
      'worstUnseen',
      '... by the viewer who missed most',
      Math.max(...storms.map(({ audit }) => audit.worstUnseen)),
    ),
    countOf(
      'saidGone',
      'danmaku left out and said so, over all viewers',
      total((a) => a.saidGone),
    ),
    countOf(
      'duplicates',
      'events sent twice, over all viewers',
      total((a) => a.duplicates),
    ),
    countOf('renumbered', 'events sent again under another number', storms.at(-1)?.audit.renumbered ?? 0),
  ];
}

function costFigures(storms: readonly StormMeasure[]) {
  const resumed = sum(storms, ({ outcome }) => outcome.resumed);
  const serverCpu = sum(storms, ({ cpu }) => serverSeconds(cpu));
  const worst = (read: (strain: Strain) => number) =>
    Math.max(...storms.map(({ strain }) => read(strain)).filter((value) => !Number.isNaN(value)));
  const figures = [
    figureOf({
      ...{ key: 'peakRate', title: 'most viewers back within one second', unit: '1/s', better: 'higher' },
      value: Math.max(...storms.map(({ outcome }) => peakRate(outcome))),
    }),
    figureOf({
      ...{ key: 'backPerCpuSecond', title: "viewers back for a CPU-second of the server's" },
      ...{ unit: '1/s', better: 'higher', value: resumed / serverCpu },
    }),
    figureOf({
      ...{ key: 'peakEventLoop', title: "longest delay of the server's event loop", unit: 'ms' },
      ...{ better: 'lower', value: worst(({ peakEventLoopMs }) => peakEventLoopMs) },
    }),
    figureOf({
      ...{ key: 'peakMemory', title: "peak memory of the server's own process", unit: 'MB' },
      ...{ better: 'lower', value: worst(({ peakRssBytes }) => peakRssBytes) / 1e6 },
    }),
    figureOf({
      ...{ key: 'attempts', title: 'connection attempts a viewer', unit: '', better: 'neither' },
      value: sum(storms, ({ outcome }) => outcome.attempts) / sum(storms, ({ outcome }) => outcome.viewers),
    }),
  ] as const;
  // A server elsewhere shows neither its CPU nor its memory.
  return figures.filter(({ value }) => Number.isFinite(value));
}

/** CPU seconds of the server and its children. */
export function serverSeconds({ cpuSeconds }: CpuUse): number {
  return Object.entries(cpuSeconds).reduce(
    (total, [label, seconds]) => total + (label.startsWith('server/') ? seconds : 0),
    0,
  );
}

function shareSeries(storms: readonly StormMeasure[]): Series {
  const slowest = storms.reduce((a, b) => (lastBack(b) > lastBack(a) ? b : a));
  return {
    key: 'share-back',
    title: 'viewers back over time, slowest storm',
    x: { title: 'time', unit: 's' },
    y: { title: 'viewers back', unit: '%' },
    points: shareCurve(slowest.outcome),
  };
}

function lastBack({ outcome }: StormMeasure): number {
  const isComplete = outcome.resumed === outcome.viewers;
  return isComplete ? (outcome.resumedMs.at(-1) ?? 0) : Number.POSITIVE_INFINITY;
}

function describeStorm({ outcome, audit }: StormMeasure): string[] {
  const { resumed, recovered, missedEvents, helloBytes, lost, viewers } = outcome;
  const { sent, acknowledged, unanswered, refused } = audit.sends;
  const absent = audit.absent > 0 ? `; ${audit.absent} viewers were away when the books were closed` : '';
  return [
    `${lost} of ${viewers} viewers lost, ${resumed} back, ${recovered} of them with everything missed (${mean(missedEvents, resumed)} events, hello answers of ${mean(helloBytes, resumed)} bytes on average)${absent}.`,
    `Failures: ${describeCounts(outcome.failures)}. Danmaku sent ${sent}, acknowledged ${acknowledged}, without an answer ${unanswered}, refused: ${describeCounts(refused)}.`,
  ];
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts);
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name} ${count}`).join(', ');
}

function mean(total: number, count: number): string {
  return count === 0 ? '0' : (total / count).toFixed(0);
}

function countOf(key: string, title: string, value: number) {
  return figureOf({ key, title, unit: '', better: 'lower', value });
}

function sum<T>(items: readonly T[], read: (item: T) => number): number {
  return items.reduce((total, item) => total + read(item), 0);
}
