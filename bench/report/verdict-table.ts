// Verdicts on targets as rows of text, for every form of a report.
import { describeGoal, type Verdict } from '../targets.ts';
import { formatValue } from './format-value.ts';

export const VERDICT_COLUMNS = [
  'target',
  'goal',
  'measured',
  'verdict',
  'the field, or what was asked',
] as const;

/** One row of {@link VERDICT_COLUMNS} for each verdict. */
export function verdictRows(verdicts: readonly Verdict[]): string[][] {
  return verdicts.map(({ target, state, value, detail }) => [
    target.title,
    describeGoal(target.goal),
    value === undefined ? '-' : formatValue(value),
    detail === '' ? state : `${state}: ${detail}`,
    target.says,
  ]);
}

/** `2 of 3 targets reached`; with those that were not measured. */
export function countReached(verdicts: readonly Verdict[]): string {
  const count = (state: Verdict['state']) => verdicts.filter((one) => one.state === state).length;
  const missing = count('not measured');
  const judged = verdicts.length - missing;
  return `${count('reached')} of ${judged} reached${missing > 0 ? `, ${missing} not measured` : ''}`;
}
