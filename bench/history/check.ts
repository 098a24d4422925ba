// What `--check` makes of a comparison.
import { formatValue } from '../report/format-value.ts';
import type { Comparison } from './compare.ts';

/** Why the check fails, one sentence for each reason; none when it passes. */
export function checkFailures(comparison: Comparison): string[] {
  const { changes, baseline, minEffect, onlyOld } = comparison;
  const judged = changes.filter(({ verdict }) => verdict !== 'cannot be judged');
  if (judged.length === 0) {
    return [`nothing can be judged against ${baseline.file}: it has no figure in common with this run`];
  }
  const regressions = changes.filter(({ verdict }) => verdict === 'regression');
  const vanished = onlyOld.map((key) => `${key} is in ${baseline.file} and not in this run`);
  return [
    ...vanished,
    ...regressions.map(({ group, title, change, old, new: now, unit }) => {
      const percent = Math.abs(change.value * 100).toFixed(0);
      const direction = change.value > 0 ? 'more' : 'less';
      const values = `${formatValue(now)} after ${formatValue(old)} ${unit}`;
      return `${group}: ${title}: ${percent}% ${direction} (${values}), beyond noise and ${minEffect * 100}%`;
    }),
  ];
}
