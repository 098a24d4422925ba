// What the `sfu` scenario reports of a stretch and of a ramp of viewers, and when a stretch is broken. Pure.

import {
  figureOf,
  latencyOf,
  type Measurement,
  type MeasurementGroup,
  type Series,
} from '../../measurement.ts';
import type { CpuUse } from '../cpu-account.ts';
import { describeSaturation } from '../load/generator-load.ts';
import type { RampStep } from '../load/load-ramp.ts';
import type { SfuStretch } from './sfu-bed.ts';
import type { JoinOutcome } from './sfu-crowd.ts';

/** One step of the ramp: how the joins up to it went, and what its viewers got. */
export interface SfuStep {
  readonly joins: JoinOutcome;
  readonly stretch: SfuStretch;
}

export interface SfuLimits {
  /** Lost packets, %. */
  readonly maxLossPercent: number;
  /** 99th percentile of the last packet's delay above that of the lightest step, ms. */
  readonly maxAddedDelayMs: number;
}

/** Viewers whose pictures stop coming lose no sequence number: fewer pictures than this share is broken too. */
const MIN_PICTURES = 0.95;

/** Why a step broke a limit; undefined when it held. `lightest` is the ramp's first step. */
export function whyBroken(step: SfuStep, lightest: SfuStep, limits: SfuLimits): string | undefined {
  const { stretch, joins } = step;
  if (joins.errors.length > 0) return `${joins.errors.length} joins failed, the first: ${joins.errors[0]}`;
  if (stretch.silent > 0) return `${stretch.silent} of ${stretch.viewers} viewers got nothing`;
  const loss = lossPercent(stretch);
  if (loss > limits.maxLossPercent) return `loss ${loss.toFixed(2)}% above ${limits.maxLossPercent}%`;
  const pictures = stretch.pictures / stretch.picturesSent;
  if (pictures < MIN_PICTURES) return `only ${(pictures * 100).toFixed(0)}% of the pictures came`;
  const delayMs = stretch.delays.last.percentile(99);
  const mostMs = lightest.stretch.delays.last.percentile(99) + limits.maxAddedDelayMs;
  return delayMs > mostMs ? `delay p99 ${delayMs.toFixed(1)} ms above ${mostMs.toFixed(1)} ms` : undefined;
}

/** CPU seconds of the processes that forward, and of the whole server; 0 when they are not known. */
export function serverCpu(use: CpuUse, mediaProcess: string): { media: number; server: number } {
  const server = Object.entries(use.cpuSeconds)
    .filter(([label]) => label.startsWith('server/'))
    .reduce((sum, [, seconds]) => sum + seconds, 0);
  return { media: use.cpuSeconds[`server/${mediaProcess}`] ?? 0, server };
}

function generatorCpu({ cpuSeconds }: CpuUse): number {
  return Object.entries(cpuSeconds)
    .filter(([label]) => label.startsWith('generator'))
    .reduce((sum, [, seconds]) => sum + seconds, 0);
}

function lossPercent({ lost, expected }: SfuStretch): number {
  return expected === 0 ? 100 : (lost / expected) * 100;
}

/** Threads waiting for a core above which delays say more about the machine than about the server. */
const CROWDED = 0.25;

/** How much server and viewers stood in each other's way. */
export function describeWait({ waiting }: SfuStretch): string {
  const { server, generators } = waiting;
  const waited = `threads waiting for a core, on average: ${generators.toFixed(2)} of the viewers' processes, ${server.toFixed(2)} of the server's`;
  const crowded = Math.max(server, generators) > CROWDED;
  return crowded ? `${waited} (the machine was too small for both: delays include the wait)` : waited;
}

/** A group of one step. */
export function describeStretch(options: {
  readonly key: string;
  readonly title: string;
  readonly stretch: SfuStretch;
  readonly mediaProcess: string;
  readonly notes: readonly string[];
}): MeasurementGroup {
  const { key, title, stretch, mediaProcess } = options;
  const saturation = describeSaturation(stretch.load);
  return {
    key,
    title: `${title}: ${stretch.viewers} viewers`,
    measurements: [
      ...perCore(stretch, mediaProcess),
      ...described(stretch),
      latencyOf('delayFirst', "picture's departure to its first packet at the viewer", stretch.delays.first),
      latencyOf('delayLast', "picture's departure to its last packet at the viewer", stretch.delays.last),
    ],
    cpu: stretch.cpu,
    generator: stretch.load,
    notes: [
      ...options.notes,
      deliveryNote(stretch),
      `In this step ${describeWait(stretch)}.`,
      ...(saturation === undefined ? [] : [saturation]),
    ],
  };
}

function perCore(stretch: SfuStretch, mediaProcess: string): Measurement[] {
  const { media, server } = serverCpu(stretch.cpu, mediaProcess);
  const { packets, bytes, viewers, seconds } = stretch;
  const generator = figureOf({
    ...{ key: 'generatorPacketsPerCore', title: "packets per busy core of the viewers' processes" },
    ...{ unit: '1/s', better: 'neither', value: packets / generatorCpu(stretch.cpu) },
  });
  if (media === 0) return [generator];
  const higher = (key: string, heading: string, unit: string, value: number) =>
    figureOf({ key, title: heading, unit, better: 'higher', value });
  return [
    higher('packetsPerCore', `packets per busy core of ${mediaProcess}`, '1/s', packets / media),
    higher('gbitPerCore', `RTP bits per busy core of ${mediaProcess}`, 'Gbit/s', (bytes * 8) / media / 1e9),
    higher('packetsPerServerCore', 'packets per busy core of the whole server', '1/s', packets / server),
    figureOf({
      ...{ key: 'cpuPerViewer', title: "server's CPU per viewer", unit: 'ms/s', better: 'lower' },
      value: (server * 1000) / seconds / Math.max(1, viewers),
    }),
    generator,
  ];
}

function described(stretch: SfuStretch): Measurement[] {
  const { viewers, packets, bytes, seconds, pictures, picturesSent } = stretch;
  return [
    figureOf({ key: 'viewers', title: 'viewers', unit: '', better: 'higher', value: viewers }),
    figureOf({ key: 'packets', title: 'packets', unit: '1/s', better: 'higher', value: packets / seconds }),
    figureOf({
      ...{ key: 'gbit', title: 'RTP bits', unit: 'Gbit/s', better: 'higher' },
      value: (bytes * 8) / seconds / 1e9,
    }),
    figureOf({ key: 'loss', title: 'packets lost', unit: '%', better: 'lower', value: lossPercent(stretch) }),
    figureOf({
      ...{ key: 'pictures', title: 'pictures that came whole, of those sent', unit: '%', better: 'higher' },
      value: (pictures / picturesSent) * 100,
    }),
  ];
}

function deliveryNote(stretch: SfuStretch): string {
  const { expected, lost, worstLoss, duplicates, otherPackets, silent } = stretch;
  return `${expected} packets due by sequence numbers, ${lost} lost (${(worstLoss * 100).toFixed(2)}% at the viewer worst off), ${duplicates} twice, ${otherPackets} retransmissions (not asked for), ${silent} viewers without any.`;
}

/** How joins went over the steps that held. */
export function describeJoins(steps: readonly SfuStep[], joinsPerSecond: number): MeasurementGroup {
  const joinMs = steps.flatMap(({ joins }) => joins.joinMs);
  const failed = steps.reduce((sum, { joins }) => sum + joins.errors.length, 0);
  return {
    key: 'join',
    title: `Joins at ${joinsPerSecond} a second`,
    measurements: [
      latencyOf('join', 'first request to first media packet', joinMs),
      figureOf({ key: 'failed', title: 'joins that failed', unit: '', better: 'lower', value: failed }),
      figureOf({ key: 'rate', title: 'joins', unit: '1/s', better: 'neither', value: joinsPerSecond }),
    ],
    notes: [
      'Joins start on schedule, whether earlier ones are answered or not. A viewer gets its first packet with the next key frame, which the publisher sends once a second.',
    ],
  };
}

/** Curves over the viewers of each step. */
export function rampSeries(steps: readonly RampStep<SfuStep>[], mediaProcess: string): Series[] {
  const x = { title: 'viewers', unit: '' };
  const curve = (key: string, [title, unit]: readonly [string, string], y: (step: SfuStep) => number) => ({
    ...{ key, title, x, y: { title, unit } },
    points: steps
      .map(({ outcome }) => [outcome.stretch.viewers, y(outcome)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  });
  const cpu = ({ stretch }: SfuStep) => serverCpu(stretch.cpu, mediaProcess);
  return [
    curve('packets', ['packets delivered', '1/s'], ({ stretch }) => stretch.packets / stretch.seconds),
    curve(
      'packetsPerCore',
      ['packets per busy core', '1/s'],
      (step) => step.stretch.packets / cpu(step).media,
    ),
    curve('delayP50', ['delay of the last packet, p50', 'ms'], ({ stretch }) =>
      stretch.delays.last.percentile(50),
    ),
    curve('delayP99', ['delay of the last packet, p99', 'ms'], ({ stretch }) =>
      stretch.delays.last.percentile(99),
    ),
    curve('loss', ['packets lost', '%'], ({ stretch }) => lossPercent(stretch)),
    curve('cpuPerViewer', ["server's CPU per viewer", 'ms/s'], (step) => {
      const { seconds, viewers } = step.stretch;
      return (cpu(step).server * 1000) / seconds / Math.max(1, viewers);
    }),
  ];
}
