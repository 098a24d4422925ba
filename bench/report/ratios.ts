// How Barrage stands to each rival: ratios of what both measured, paired by repetition, because what the
// machine did in one repetition it did to both.
import type { Better } from '../measurement.ts';
import { BARRAGE } from '../scenario.ts';
import { type MeasuredValue, measuredValues, valuesOf } from './measured-value.ts';
import type { RunReport } from './run-report.ts';
import { type Estimate, estimateGeometricMean } from './statistics.ts';

/** Barrage's value divided by a rival's. */
export interface Ratio {
  readonly rival: string;
  /** `GROUP/MEASUREMENT` or `GROUP/MEASUREMENT:p99`. */
  readonly key: string;
  readonly group: string;
  readonly title: string;
  readonly better: Better;
  /** By repetition, for those in which both were measured. */
  readonly byRepetition: ReadonlyMap<number, number>;
  readonly estimate: Estimate;
  readonly verdict: 'better' | 'worse' | 'no difference beyond noise' | 'one repetition';
}

/** Ratios of everything that both measured, that has a better side and is above 0. */
export function ratiosAgainstRivals(report: RunReport): Ratio[] {
  const all = measuredValues(report).filter(({ better, isSigned }) => better !== 'neither' && !isSigned);
  const ours = all.filter(({ subject }) => subject === BARRAGE);
  const theirs = all.filter(({ subject }) => subject !== BARRAGE);
  return ours.flatMap((own) =>
    theirs.filter(({ key }) => key === own.key).flatMap((rival) => ratioOf(own, rival) ?? []),
  );
}

function ratioOf(own: MeasuredValue, rival: MeasuredValue): Ratio | undefined {
  const byRepetition = new Map<number, number>();
  for (const [repetition, value] of own.byRepetition) {
    const other = rival.byRepetition.get(repetition);
    if (other === undefined) continue;
    // What can be 0, for example a loss, has no ratio that means anything.
    if (value === 0 || other === 0) return undefined;
    byRepetition.set(repetition, value / other);
  }
  if (byRepetition.size === 0) return undefined;
  const { key, group, title, better } = own;
  const estimate = estimateGeometricMean(valuesOf({ byRepetition }));
  return {
    rival: rival.subject,
    key,
    group,
    title,
    better,
    byRepetition,
    estimate,
    verdict: judge(estimate, better),
  };
}

function judge({ value, interval }: Estimate, better: Better): Ratio['verdict'] {
  if (!interval) return 'one repetition';
  if (interval.low <= 1 && interval.high >= 1) return 'no difference beyond noise';
  return value > 1 === (better === 'higher') ? 'better' : 'worse';
}
