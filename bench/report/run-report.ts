// Everything known of one run, as plain data: what the JSON file holds (schema version 2, described field by
// field in report.schema.json) and what every other form of the report is made from.
import type { CpuUse } from '../instruments/cpu-account.ts';
import { type Distribution, summarize } from '../instruments/histogram.ts';
import { LatencyHistogram } from '../instruments/latency-histogram.ts';
import type { GeneratorLoad } from '../instruments/load/generator-load.ts';
import type { MachineDescription } from '../machine.ts';
import type { Better, DistributionMeasurement, Figure, MeasurementGroup, Series } from '../measurement.ts';
import type { OptionValues } from '../scenario.ts';

export const REPORT_SCHEMA = 2;

/** A distribution as stored: its summary, and either every sample or HdrHistogram's encoding. */
export interface DistributionData {
  readonly kind: 'distribution';
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly better: Better;
  readonly summary: Distribution;
  /** HdrHistogram V2 compressed, base64, microseconds. */
  readonly hdr?: string;
  readonly samples?: readonly number[];
}

export type MeasurementData = DistributionData | Figure;

/** A group as stored, with whom it measured and in which repetition (from 1). */
export interface GroupData {
  readonly subject: string;
  readonly repetition: number;
  readonly key: string;
  readonly title: string;
  readonly measurements: readonly MeasurementData[];
  readonly series: readonly Series[];
  readonly cpu?: CpuUse;
  readonly generator?: GeneratorLoad;
  readonly notes: readonly string[];
}

/** How it went with one subject. */
export interface SubjectOutcome {
  readonly name: string;
  readonly state: 'measured' | 'missing' | 'failed' | 'interrupted';
  /** What was missing and how to install it, or what failed. */
  readonly detail?: string;
}

/** One run of one scenario. */
export interface RunReport {
  readonly schema: typeof REPORT_SCHEMA;
  readonly scenario: string;
  readonly options: OptionValues;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly finished: 'complete' | 'interrupted' | 'failed';
  readonly machine: MachineDescription;
  readonly versions: Readonly<Record<string, string>>;
  readonly subjects: readonly SubjectOutcome[];
  readonly groups: readonly GroupData[];
}

/** How often the subjects were measured, at most. */
export function repetitionsOf({ groups }: RunReport): number {
  return Math.max(0, ...groups.map(({ repetition }) => repetition));
}

/** A group as it was handed in, turned into plain data. */
export function toGroupData(group: MeasurementGroup, subject: string, repetition: number): GroupData {
  const { series = [], measurements, ...rest } = group;
  return {
    subject,
    repetition,
    ...rest,
    series,
    measurements: measurements.map((one) => (one.kind === 'figure' ? one : toDistributionData(one))),
  };
}

function toDistributionData({ values, ...rest }: DistributionMeasurement): DistributionData {
  return values instanceof LatencyHistogram
    ? { ...rest, summary: values.summary(), hdr: values.encode() }
    : { ...rest, summary: summarize(values), samples: values };
}
