// The repetitions of one group put together: what tables and plots show instead of every repetition in a row.
import { LatencyHistogram } from '../instruments/latency-histogram.ts';
import { BARRAGE } from '../scenario.ts';
import type { DistributionData, GroupData, RunReport } from './run-report.ts';

/** One subject under one set of conditions, over all repetitions. */
export interface MergedGroup {
  readonly subject: string;
  readonly key: string;
  /** The conditions, for people. */
  readonly title: string;
  /** The title, with the subject where several were measured. */
  readonly name: string;
  /** In order of repetition; of one that reported the group several times, the last. */
  readonly repetitions: readonly GroupData[];
}

/** Every group, subjects of one key side by side, Barrage first. */
export function mergeGroups({ groups, subjects }: RunReport): MergedGroup[] {
  const order = subjects.map(({ name }) => name);
  const keys = [...new Set(groups.map(({ key }) => key))];
  return keys.flatMap((key) =>
    order.flatMap((subject) => {
      const same = groups.filter((group) => group.key === key && group.subject === subject);
      const byRepetition = new Map(same.map((group) => [group.repetition, group]));
      const repetitions = [...byRepetition.values()].sort((a, b) => a.repetition - b.repetition);
      const title = repetitions[0]?.title;
      if (title === undefined) return [];
      const name = subject === BARRAGE && order.length === 1 ? title : `${nameOf(subject)}: ${title}`;
      return [{ subject, key, title, name, repetitions }];
    }),
  );
}

/** A subject's name as it is written in tables and plots. */
export function nameOf(subject: string): string {
  return subject === BARRAGE ? 'Barrage' : subject;
}

/** The distribution of one key in each repetition that has it. */
export function distributionsOf({ repetitions }: MergedGroup, key: string): DistributionData[] {
  return repetitions.flatMap(({ measurements }) =>
    measurements.flatMap((one) => (one.kind === 'distribution' && one.key === key ? [one] : [])),
  );
}

/** All values of several repetitions together. */
export interface MergedValues {
  readonly count: number;
  /** The value at or below which `percent` of all values are; NaN of none. */
  percentile(percent: number): number;
}

/** Puts together distributions of one kind: histograms by adding, samples by sorting. */
export function mergeValues(distributions: readonly DistributionData[]): MergedValues {
  if (distributions.every(({ hdr }) => hdr !== undefined)) {
    const sum = new LatencyHistogram();
    for (const { hdr = '' } of distributions) sum.add(LatencyHistogram.decode(hdr));
    return sum;
  }
  const sorted = distributions.flatMap(({ samples = [] }) => samples).sort((a, b) => a - b);
  return {
    count: sorted.length,
    percentile: (percent) =>
      sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN,
  };
}
