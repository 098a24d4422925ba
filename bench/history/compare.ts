// Compares a run with an earlier one, number by number: how much each changed, whether beyond noise, and
// whether for the worse. Pure; reads no files and prints nothing.
import type { Better } from '../measurement.ts';
import { type MeasuredValue, measuredValues, valuesOf } from '../report/measured-value.ts';
import { ratiosAgainstRivals } from '../report/ratios.ts';
import { type RunReport, repetitionsOf } from '../report/run-report.ts';
import {
  beyondNoiseTogether,
  type Difference,
  estimateDifference,
  estimateRatio,
  mapEstimate,
  meanOf,
} from '../report/statistics.ts';
import { BARRAGE } from '../scenario.ts';
import { differencesOfConditions } from './conditions.ts';

/** One number in both runs. */
export interface Change {
  /** `GROUP/MEASUREMENT`, with `:p99` for a distribution, with ` / RIVAL` for a ratio. */
  readonly key: string;
  readonly group: string;
  readonly title: string;
  readonly unit: string;
  readonly better: Better;
  /** Means over the repetitions. */
  readonly old: number;
  readonly new: number;
  /** Relative to the old mean: 0.1 is a tenth more. */
  readonly change: Difference;
  readonly verdict: ChangeVerdict;
}

/**
 * `changed` is for what has no better side. `regression` is worse by at least the minimum effect, and beyond the
 * noise of all figures together, not only of its own.
 */
export type ChangeVerdict =
  | 'better'
  | 'worse'
  | 'regression'
  | 'changed'
  | 'within noise'
  | 'cannot be judged';

/** A run set against an earlier one. */
export interface Comparison {
  readonly baseline: {
    readonly file: string;
    readonly startedAt: string;
    readonly commit: string;
    readonly repetitions: number;
  };
  readonly minEffect: number;
  readonly ratiosOnly: boolean;
  readonly changes: readonly Change[];
  /** Keys that only one of the runs has. */
  readonly onlyOld: readonly string[];
  readonly onlyNew: readonly string[];
  /** What to hold against the comparison, for example another machine. */
  readonly warnings: readonly string[];
}

export interface CompareOptions {
  readonly baselineFile: string;
  /** Relative change below which a worse number is no regression. */
  readonly minEffect: number;
  /** Compare only ratios against rivals. */
  readonly ratiosOnly: boolean;
}

/** Compares what both runs have of Barrage. */
export function compareReports(before: RunReport, after: RunReport, options: CompareOptions): Comparison {
  const [old, fresh] = [before, after].map((report) =>
    options.ratiosOnly ? ratioValues(report) : measuredValues(report).filter(isOurs),
  ) as [MeasuredValue[], MeasuredValue[]];
  const oldByKey = new Map(old.map((value) => [value.key, value]));
  const newKeys = new Set(fresh.map(({ key }) => key));
  return {
    baseline: {
      ...{ file: options.baselineFile, startedAt: before.startedAt, commit: before.machine.commit },
      repetitions: repetitionsOf(before),
    },
    ...{ minEffect: options.minEffect, ratiosOnly: options.ratiosOnly },
    changes: findRegressions(
      fresh.flatMap((value) => {
        const known = oldByKey.get(value.key);
        return known ? [changeOf(known, value)] : [];
      }),
      options.minEffect,
    ),
    onlyOld: [...oldByKey.keys()].filter((key) => !newKeys.has(key)),
    onlyNew: [...newKeys].filter((key) => !oldByKey.has(key)),
    warnings: differencesOfConditions(before, after, options),
  };
}

function isOurs({ subject }: MeasuredValue): boolean {
  return subject === BARRAGE;
}

function ratioValues(report: RunReport): MeasuredValue[] {
  return ratiosAgainstRivals(report).map(({ rival, key, group, title, better, byRepetition }) => ({
    ...{ subject: BARRAGE, key: `${key} / ${rival}`, group, better, byRepetition },
    ...{ title: `${title}, Barrage / ${rival}`, unit: 'x', isSigned: false },
  }));
}

function changeOf(old: MeasuredValue, fresh: MeasuredValue): Change {
  const { key, group, title, unit, better } = fresh;
  const [before, after] = [valuesOf(old), valuesOf(fresh)];
  const change = relativeChange(before, after);
  return {
    ...{ key, group, title, unit, better, old: meanOf(before), new: meanOf(after), change },
    verdict: judge(change, better),
  };
}

/** Of positive numbers by their ratio; of others, for example a skew about 0, by the difference of the means. */
function relativeChange(before: readonly number[], after: readonly number[]): Difference {
  const arePositive = [...before, ...after].every((value) => value > 0);
  const { pValue, ...change } = arePositive
    ? estimateRatio(before, after)
    : estimateDifference(before, after);
  const scale = Math.abs(meanOf(before));
  const toShare = (value: number) => (arePositive ? value - 1 : value === 0 ? 0 : value / scale);
  return { ...mapEstimate(change, toShare), pValue };
}

function judge({ value, interval }: Difference, better: Better): ChangeVerdict {
  if (!interval) return 'cannot be judged';
  if (interval.low <= 0 && interval.high >= 0) return 'within noise';
  if (better === 'neither') return 'changed';
  return value > 0 === (better === 'higher') ? 'better' : 'worse';
}

/** What never varied and did not change is no chance for an error, and counts for none. */
function findRegressions(changes: readonly Change[], minEffect: number): Change[] {
  const judged = changes.filter(
    ({ better, change: { value, pValue } }) => better !== 'neither' && pValue !== undefined && value !== 0,
  );
  const indices = beyondNoiseTogether(judged.map(({ change }) => change.pValue ?? 1));
  const beyondNoise = new Set(judged.filter((_, index) => indices.has(index)));
  return changes.map((one) => {
    const counts = one.verdict === 'worse' && beyondNoise.has(one) && Math.abs(one.change.value) >= minEffect;
    return counts ? { ...one, verdict: 'regression' } : one;
  });
}
