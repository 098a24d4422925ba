// What crowds of HLS players of growing size say: requests, bits, delays, CPU a player. Pure.
import {
  figureOf,
  latencyOf,
  type Measurement,
  type MeasurementGroup,
  type Series,
} from '../../measurement.ts';
import { type CpuUse, cpuSecondsUnder } from '../cpu-account.ts';
import type { PlayerStretch } from './player-crowd.ts';

/** A crowd of one size watching for a while. */
export interface PlayerStep extends PlayerStretch {
  readonly players: number;
  readonly cpu: CpuUse;
  /** Memory of the server's own process, bytes; undefined elsewhere. */
  readonly rssBytes: number | undefined;
}

/** The group `players`: figures of the largest crowd, curves over all. */
export function describePlayers(
  steps: readonly PlayerStep[],
  idleCores: number | undefined,
): MeasurementGroup {
  const last = steps.at(-1);
  return {
    key: 'players',
    title: last ? `${last.players} HLS players` : 'HLS players',
    measurements: last ? [...delays(last), ...counts(last), ...costs(last, idleCores)] : [],
    series: curves(steps),
    ...(last ? { cpu: last.cpu, generator: last.generator } : {}),
    notes: [
      'Each reads the multivariant playlist once, one variant and its sound once per target duration, and each new segment once; two keep-alive connections a player.',
      "Answers are timed from when they were due; freshness from a segment's first sighting in any player's playlist to its last byte.",
      ...(idleCores === undefined
        ? []
        : [`The server without players: ${(idleCores * 100).toFixed(1)}% of a core.`]),
      ...(last && last.reasons.length > 0 ? [`Errors: ${last.reasons.join('; ')}.`] : []),
    ],
  };
}

function delays({ times }: PlayerStep): Measurement[] {
  return [
    latencyOf('playlistTime', 'playlist, from when it was due', times.playlist),
    latencyOf('segmentTime', 'segment, from when it was due', times.segment),
    latencyOf('edge', 'end of the newest segment listed, behind now', times.edge),
    latencyOf('freshness', 'segment fetched, after it was first listed', times.freshness),
  ];
}

function counts({ players, playing, playlists, segments, bytes, cpu, ...failed }: PlayerStep): Measurement[] {
  const { wallSeconds } = cpu;
  const count = (key: string, title: string, value: number) =>
    figureOf({ key, title, unit: '', better: 'lower', value });
  return [
    figureOf({
      ...{ key: 'rate', title: 'requests', unit: 'requests/s', better: 'neither' },
      value: (playlists + segments) / wallSeconds,
    }),
    figureOf({
      ...{ key: 'mbps', title: 'bodies received', unit: 'Mbit/s', better: 'neither' },
      value: (bytes * 8) / wallSeconds / 1e6,
    }),
    count('errors', 'errors', failed.errors),
    count('timeouts', 'timeouts', failed.timeouts),
    count('missed', 'segments missed', failed.missed),
    count('absent', 'players not playing', players - playing),
  ];
}

function costs(step: PlayerStep, idleCores: number | undefined): Measurement[] {
  const cores = coresOf(step);
  if (cores === 0 || idleCores === undefined) return [];
  const { playlists, segments, cpu, players } = step;
  const perCore = (playlists + segments) / cpu.wallSeconds / cores;
  return [
    figureOf({
      key: 'perCore',
      title: 'requests per busy core',
      unit: 'requests/s',
      better: 'higher',
      value: perCore,
    }),
    figureOf({
      ...{
        key: 'playersPerCore',
        title: 'players per busy core, the stream itself left out',
        unit: 'players',
      },
      ...{ better: 'higher', value: players / Math.max(0.001, cores - idleCores) },
    }),
  ];
}

function coresOf({ cpu }: PlayerStep): number {
  return cpuSecondsUnder('server', cpu) / cpu.wallSeconds;
}

function curves(steps: readonly PlayerStep[]): Series[] {
  const x = { title: 'players', unit: '' };
  const curve = (key: string, title: string, y: { unit: string; of: (one: PlayerStep) => number }) => ({
    ...{ key: `players-${key}`, title, x, y: { title, unit: y.unit } },
    points: steps
      .map((step) => [step.players, y.of(step)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  });
  return [
    curve('cpu', 'CPU of a player', { unit: 'ms/s', of: (step) => (coresOf(step) * 1000) / step.players }),
    curve('playlist', 'playlist, p99', { unit: 'ms', of: ({ times }) => times.playlist.percentile(99) }),
    curve('segment', 'segment, p99', { unit: 'ms', of: ({ times }) => times.segment.percentile(99) }),
    curve('memory', 'memory of the server', {
      unit: 'MiB',
      of: ({ rssBytes }) => (rssBytes ?? Number.NaN) / 2 ** 20,
    }),
  ];
}
