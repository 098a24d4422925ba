// Turns what came of fan-out loads into the figures and curves of a report.
import {
  figureOf,
  latencyOf,
  type Measurement,
  type MeasurementGroup,
  type Series,
} from '../../measurement.ts';
import type { RampResult } from '../load/load-ramp.ts';
import type { LoadOutcome } from './fanout-load.ts';

const MIB = 2 ** 20;

/** The figures of one load; those per busy core only where the server's CPU can be seen. */
export function loadMeasurements(outcome: LoadOutcome): Measurement[] {
  const { sent, received, chat, roundTrip, serverCpuSeconds, peakRssBytes } = outcome;
  const due = sent.accepted * received.viewers;
  const share = (count: number) => (due === 0 ? Number.NaN : (100 * count) / due);
  const perCore = (key: string, title: string, count: number): Measurement[] =>
    Number.isFinite(serverCpuSeconds)
      ? [figureOf({ key, title, unit: '1/s', better: 'higher', value: count / serverCpuSeconds })]
      : [];
  const memory: Measurement[] = Number.isFinite(peakRssBytes)
    ? [
        figureOf({
          key: 'peak-memory',
          title: 'memory of the server, peak',
          unit: 'MiB',
          better: 'lower',
          value: peakRssBytes / MIB,
        }),
      ]
    : [];
  return [
    ...perCore('frames-per-core', 'frames delivered a second per busy core', received.frames),
    ...perCore('events-per-core', 'events delivered a second per busy core', received.events),
    latencyOf('chat', 'danmaku, from when it was due to be sent to its reception', chat),
    ...(roundTrip.count === 0
      ? []
      : [latencyOf('round-trip', 'danmaku, from when it was due to its reply', roundTrip)]),
    figureOf({
      key: 'arrived',
      title: 'events that arrived',
      unit: '%',
      better: 'higher',
      value: share(received.events),
    }),
    figureOf({
      key: 'lost',
      title: 'events lost',
      unit: '%',
      better: 'lower',
      value: share(received.missing),
    }),
    figureOf({
      key: 'thinned',
      title: 'events left out, as gap events say',
      unit: '%',
      better: 'lower',
      value: share(received.thinned),
    }),
    ...memory,
  ];
}

/** Which conditions a load was measured under; the part every group shares. */
export function loadGroup(
  outcome: LoadOutcome,
  group: Pick<MeasurementGroup, 'key' | 'title' | 'notes'> & { readonly more?: readonly Measurement[] },
): MeasurementGroup {
  const { more = [], ...named } = group;
  return {
    ...named,
    measurements: [...more, ...loadMeasurements(outcome)],
    cpu: outcome.cpu,
    generator: outcome.generator,
  };
}

/** Throughput, latency and server CPU against the load offered. */
export function rampSeries(key: string, { steps }: RampResult<LoadOutcome>): Series[] {
  const x = { title: 'danmaku offered', unit: '1/s' };
  const curve = (name: string, y: Series['y'], read: (outcome: LoadOutcome) => number): Series => ({
    key: `${key}-${name}`,
    title: y.title,
    ...{ x, y },
    points: steps
      .map(({ offered, outcome }) => [offered, read(outcome)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  });
  return [
    curve(
      'events',
      { title: 'events delivered', unit: '1/s' },
      ({ received, sent }) => received.events / sent.seconds,
    ),
    curve('chat-p99', { title: 'danmaku latency p99', unit: 'ms' }, ({ chat }) => chat.percentile(99)),
    curve(
      'cpu',
      { title: 'CPU of the server', unit: 'cores' },
      ({ cpu, serverCpuSeconds }) => serverCpuSeconds / cpu.wallSeconds,
    ),
  ];
}

/** One line for each step of a ramp: what was offered, and which limit it broke if it did. */
export function rampNote({ steps, knee }: RampResult<LoadOutcome>): string {
  const lines = steps.map(
    ({ offered, broken }) => `${offered}/s ${broken === undefined ? 'held' : `broke: ${broken}`}`,
  );
  return `${knee ? `The knee is at ${knee.offered}/s` : 'Not even the first load held'}. Steps: ${lines.join('; ')}.`;
}
