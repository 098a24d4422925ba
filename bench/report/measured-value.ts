// The single numbers of a report, with their values from each repetition: figures as they are, distributions
// by a few of their percentiles. What means, ratios and comparisons are made from.
import type { Distribution } from '../instruments/histogram.ts';
import type { Better } from '../measurement.ts';
import type { GroupData, MeasurementData, RunReport } from './run-report.ts';

/** A number of a distribution's summary. */
export type Statistic = Exclude<keyof Distribution, 'count'>;

/** Percentiles that stand for a distribution where a single number is wanted. */
const PERCENTILES: readonly Statistic[] = ['p50', 'p99'];
/** All that may be asked for by name. */
export const STATISTICS: readonly Statistic[] = ['min', 'mean', 'p50', 'p90', 'p95', 'p99', 'max'];

/** One number of one subject under one set of conditions. */
export interface MeasuredValue {
  readonly subject: string;
  /** `GROUP/MEASUREMENT`, of a distribution `GROUP/MEASUREMENT:p99`. */
  readonly key: string;
  /** The conditions, for people. */
  readonly group: string;
  /** What was measured, for people. */
  readonly title: string;
  readonly unit: string;
  readonly better: Better;
  /** Whether any value behind it was below 0, as skews are: its ratio to another means nothing. */
  readonly isSigned: boolean;
  /** By repetition; of one that reported a group several times, the last. */
  readonly byRepetition: ReadonlyMap<number, number>;
}

/** Every number of every subject, in the order in which they were first reported. */
export function measuredValues(
  { groups }: RunReport,
  statistics: readonly Statistic[] = PERCENTILES,
): MeasuredValue[] {
  const found = new Map<string, MeasuredValue & { isSigned: boolean; byRepetition: Map<number, number> }>();
  for (const { subject, repetition, ...group } of groups) {
    for (const { value, ...named } of group.measurements.flatMap((one) =>
      numbersOf(group, one, statistics),
    )) {
      if (!Number.isFinite(value)) continue;
      const id = `${subject} ${named.key}`;
      const known = found.get(id) ?? { subject, ...named, byRepetition: new Map() };
      known.byRepetition.set(repetition, value);
      known.isSigned ||= named.isSigned;
      found.set(id, known);
    }
  }
  return [...found.values()];
}

/** The values alone, in order of repetition. */
export function valuesOf({ byRepetition }: Pick<MeasuredValue, 'byRepetition'>): number[] {
  return [...byRepetition].sort(([a], [b]) => a - b).map(([, value]) => value);
}

type Named = Omit<MeasuredValue, 'subject' | 'byRepetition'> & { readonly value: number };

function numbersOf(
  group: Pick<GroupData, 'key' | 'title'>,
  one: MeasurementData,
  statistics: readonly Statistic[],
): Named[] {
  const key = `${group.key}/${one.key}`;
  const { title, unit, better } = one;
  const named = { group: group.title, unit, better };
  if (one.kind === 'figure') return [{ ...named, key, title, value: one.value, isSigned: one.value < 0 }];
  return statistics.map((name) => ({
    ...named,
    key: `${key}:${name}`,
    title: `${title}, ${name}`,
    value: one.summary[name],
    isSigned: one.summary.min < 0,
  }));
}
