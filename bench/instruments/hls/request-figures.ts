// What a ramp of plain requests says: requests and bits per busy core, the knee, curves. Pure.
import {
  figureOf,
  latencyOf,
  type Measurement,
  type MeasurementGroup,
  type Series,
} from '../../measurement.ts';
import { cpuSecondsUnder } from '../cpu-account.ts';
import type { RampStep } from '../load/load-ramp.ts';
import type { CostedStretch, RequestKind, RequestRampResult } from './request-ramp.ts';

const TITLES: Readonly<Record<RequestKind, string>> = {
  playlist: 'HLS playlists, plain requests',
  segment: 'HLS segments, plain requests',
};

/** The group of one kind; its key is the kind. */
export function describeRequests(
  kind: RequestKind,
  { peak, ramp }: RequestRampResult,
  notes: readonly string[],
): MeasurementGroup {
  return {
    key: kind,
    title: TITLES[kind],
    measurements: [...peakFigures(peak), ...kneeFigures(ramp.knee)],
    series: curves(kind, ramp.steps),
    cpu: peak.cpu,
    generator: peak.generator,
    notes: [
      `${Math.round(bytesPerAnswer(peak))} bytes a body on average, several renditions in turn.`,
      'Per busy core: with every connection asking again as soon as it is answered, requests per CPU second of the server.',
      'Latency: at the knee, from when a request was due; errors and timeouts are counted apart, not timed.',
      ...describeFailures(peak),
      describeLimit(ramp.knee, ramp.firstBroken),
      ...notes,
    ],
  };
}

function peakFigures(peak: CostedStretch): Measurement[] {
  const perSecond = peak.answered / peak.seconds;
  const mbps = (peak.bytes * 8) / peak.seconds / 1e6;
  const cpuSeconds = cpuSecondsUnder('server', peak.cpu);
  const figures: Measurement[] = [
    figureOf({
      key: 'rate',
      title: 'answered as fast as possible',
      unit: 'requests/s',
      better: 'higher',
      value: perSecond,
    }),
    figureOf({ key: 'mbps', title: 'bodies sent', unit: 'Mbit/s', better: 'higher', value: mbps }),
    figureOf({ key: 'errors', title: 'errors', unit: '', better: 'lower', value: peak.errors }),
    figureOf({ key: 'timeouts', title: 'timeouts', unit: '', better: 'lower', value: peak.timeouts }),
  ];
  if (cpuSeconds === 0) return figures;
  const perCore = peak.answered / cpuSeconds;
  const mbpsPerCore = (peak.bytes * 8) / cpuSeconds / 1e6;
  return [
    figureOf({
      key: 'perCore',
      title: 'per busy core',
      unit: 'requests/s',
      better: 'higher',
      value: perCore,
    }),
    figureOf({
      key: 'mbpsPerCore',
      title: 'bodies per busy core',
      unit: 'Mbit/s',
      better: 'higher',
      value: mbpsPerCore,
    }),
    ...figures,
  ];
}

function kneeFigures(knee: RampStep<CostedStretch> | undefined): Measurement[] {
  if (!knee) return [];
  const { answered, seconds, latency } = knee.outcome;
  const title = 'carried when paced (the knee)';
  return [
    figureOf({ key: 'knee', title, unit: 'requests/s', better: 'higher', value: answered / seconds }),
    latencyOf('latency', 'answer, from when it was due', latency),
  ];
}

function curves(kind: RequestKind, steps: readonly RampStep<CostedStretch>[]): Series[] {
  const x = { title: 'requests offered', unit: '1/s' };
  const curve = (name: string, title: string, y: { unit: string; of: (one: CostedStretch) => number }) => ({
    ...{ key: `${kind}-${name}`, title, x, y: { title, unit: y.unit } },
    points: steps
      .map(({ offered, outcome }) => [offered, y.of(outcome)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  });
  const noun = `${kind}s`;
  return [
    curve('throughput', `${noun} answered`, { unit: '1/s', of: (one) => one.answered / one.seconds }),
    curve('latency', `${noun}: p99`, { unit: 'ms', of: (one) => one.latency.percentile(99) }),
    curve('cpu', `${noun}: CPU of the server a request`, {
      unit: 'us',
      of: (one) => (cpuSecondsUnder('server', one.cpu) / one.answered) * 1e6,
    }),
  ];
}

function bytesPerAnswer({ bytes, answered }: CostedStretch): number {
  return answered === 0 ? 0 : bytes / answered;
}

function describeFailures({ reasons }: CostedStretch): string[] {
  return reasons.length === 0 ? [] : [`Errors: ${reasons.join('; ')}.`];
}

function describeLimit(
  knee: RampStep<CostedStretch> | undefined,
  broken: RampStep<CostedStretch> | undefined,
): string {
  const held = knee ? `${knee.offered} requests/s were carried` : 'No step was carried';
  return broken ? `${held}; ${broken.offered} were too many: ${broken.broken}.` : `${held}; nothing broke.`;
}
