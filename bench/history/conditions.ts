// What differs between two runs besides the program: machine, options, repetitions. Said with every
// comparison, because it may be the cause of a change.
import type { RunReport } from '../report/run-report.ts';
import { repetitionsOf } from '../report/run-report.ts';

/** Options that change nothing of what is measured. */
const IMMATERIAL = new Set(['save', 'compare', 'check', 'min-effect', 'ratios', 'out', 'repeat']);

/** One sentence for each difference. */
export function differencesOfConditions(
  before: RunReport,
  after: RunReport,
  { ratiosOnly }: { readonly ratiosOnly: boolean },
): string[] {
  return [
    ...machineDifference(before, after, ratiosOnly),
    ...optionDifference(before, after),
    ...(before.finished === 'complete' ? [] : [`The baseline was not finished: ${before.finished}.`]),
    ...(after.finished === 'complete' ? [] : [`This run was not finished: ${after.finished}.`]),
    ...tooFewRepetitions(before, after),
  ];
}

function machineDifference(before: RunReport, after: RunReport, ratiosOnly: boolean): string[] {
  const [old, fresh] = [before.machine, after.machine].map(
    ({ cpu, cores, memoryGiB }) => `${cores} cores of ${cpu}, ${memoryGiB} GiB`,
  );
  if (old === fresh) return [];
  const advice = ratiosOnly
    ? 'ratios against rivals hold all the same'
    : 'absolute figures compare only on the same machine (--ratios compares on any)';
  return [`The baseline is of another machine (${old}; this one: ${fresh}): ${advice}.`];
}

function optionDifference(before: RunReport, after: RunReport): string[] {
  const names = new Set([...Object.keys(before.options), ...Object.keys(after.options)]);
  const differing = [...names].filter(
    (name) => !IMMATERIAL.has(name) && before.options[name] !== after.options[name],
  );
  if (differing.length === 0) return [];
  const describe = ({ options }: RunReport) =>
    differing.map((name) => `--${name} ${options[name] ?? 'not given'}`).join(', ');
  return [`The baseline was run with other options (${describe(before)}; now ${describe(after)}).`];
}

function tooFewRepetitions(before: RunReport, after: RunReport): string[] {
  const single = [
    ...(repetitionsOf(before) < 2 ? ['the baseline'] : []),
    ...(repetitionsOf(after) < 2 ? ['this run'] : []),
  ];
  if (single.length === 0) return [];
  return [
    `One repetition of ${single.join(' and ')}: no confidence interval, so no change can be judged (--repeat).`,
  ];
}
