// What a scenario hands in: distributions, single figures and series of points, in groups of one set of
// conditions each. Plain values; how they are stored and shown is the report's.
import type { CpuUse } from './instruments/cpu-account.ts';
import type { LatencyHistogram } from './instruments/latency-histogram.ts';
import type { GeneratorLoad } from './instruments/load/generator-load.ts';

/** Which way a figure improves; `neither` for counts that only describe the run. */
export type Better = 'lower' | 'higher' | 'neither';

/** Many values of one kind. `key` is stable over versions: targets and comparisons refer to it. */
export interface DistributionMeasurement {
  readonly kind: 'distribution';
  readonly key: string;
  /** For example `glass to glass`. */
  readonly title: string;
  /** For example `ms`. */
  readonly unit: string;
  readonly better: Better;
  /** Exact samples, which may be negative and are for thousands; or a histogram, for millions. */
  readonly values: readonly number[] | LatencyHistogram;
}

/** One number, for example frames delivered per busy core. */
export interface Figure {
  readonly kind: 'figure';
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly better: Better;
  readonly value: number;
}

export type Measurement = DistributionMeasurement | Figure;

export interface Axis {
  readonly title: string;
  readonly unit: string;
}

/** A curve, for example throughput against offered load. Series of one key share a plot over all subjects. */
export interface Series {
  readonly key: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** Pairs of x and y, in the axes' units. */
  readonly points: readonly (readonly [number, number])[];
}

/** What was measured under one set of conditions, for example one playback path. */
export interface MeasurementGroup {
  readonly key: string;
  readonly title: string;
  readonly measurements: readonly Measurement[];
  readonly series?: readonly Series[];
  readonly cpu?: CpuUse;
  /** How busy the load generator itself was: a saturated one measures itself. */
  readonly generator?: GeneratorLoad;
  /** Counts and remarks that belong to the figures: pictures dropped, checksums refused. */
  readonly notes: readonly string[];
}

/** A distribution in milliseconds, where less is better. */
export function latencyOf(
  key: string,
  title: string,
  values: readonly number[] | LatencyHistogram,
): DistributionMeasurement {
  return { kind: 'distribution', key, title, unit: 'ms', better: 'lower', values };
}

/** A single figure. */
export function figureOf(options: Omit<Figure, 'kind'>): Figure {
  return { kind: 'figure', ...options };
}
