// Reads the options of saving a run and comparing it with an earlier one, before anything is measured: a
// comparison that cannot be made is refused while it has cost nothing.
import type { ParseArgsOptionsConfig } from 'node:util';
import { OptionError, readNumber } from '../option-values.ts';
import { ReportFileError, readReport } from '../report/read-report.ts';
import { type RunReport, repetitionsOf } from '../report/run-report.ts';
import type { OptionValues } from '../scenario.ts';

export const HISTORY_OPTIONS = {
  save: { type: 'string' },
  compare: { type: 'string' },
  check: { type: 'boolean' },
  'min-effect': { type: 'string' },
  ratios: { type: 'boolean' },
} as const satisfies ParseArgsOptionsConfig;

export const HISTORY_HELP = {
  save: 'write the report to this file too, as a baseline for --compare',
  compare: 'a saved report to compare with, figure by figure',
  check: 'with --compare: fail when something got worse beyond noise (needs --repeat 2 or more)',
  'min-effect': 'percent of change below which --check lets a regression pass; default 5',
  ratios: 'with --compare: compare only the ratios against rivals, which hold on any machine',
} as const;

const DEFAULT_MIN_EFFECT_PERCENT = 5;

/** What to do with a run's report besides writing it. */
export interface HistoryOptions {
  /** File to write the report to. */
  readonly save: string | undefined;
  readonly baseline: Baseline | undefined;
  readonly check: boolean;
  /** Relative change below which a worse figure is no regression, for example 0.05. */
  readonly minEffect: number;
  readonly ratiosOnly: boolean;
}

/** An earlier run. */
export interface Baseline {
  readonly file: string;
  readonly report: RunReport;
}

/** Throws {@link OptionError} for options that make no sense, and for a file that is no baseline. */
export function readHistoryOptions(
  options: OptionValues,
  run: { readonly scenario: string; readonly repetitions: number },
): HistoryOptions {
  for (const name of ['check', 'min-effect', 'ratios']) {
    if (options[name] !== undefined && options['compare'] === undefined) {
      throw new OptionError(`--${name} needs --compare FILE`);
    }
  }
  const baseline =
    options['compare'] === undefined ? undefined : readBaseline(String(options['compare']), run);
  if (options['check'] && baseline) requireRepetitions(baseline, run.repetitions);
  return {
    save: options['save'] === undefined ? undefined : String(options['save']),
    baseline,
    check: options['check'] === true,
    minEffect: readNumber(options['min-effect'], 'min-effect', DEFAULT_MIN_EFFECT_PERCENT) / 100,
    ratiosOnly: options['ratios'] === true,
  };
}

function readBaseline(file: string, { scenario }: { readonly scenario: string }): Baseline {
  try {
    const report = readReport(file);
    if (report.scenario === scenario) return { file, report };
    throw new OptionError(`--compare: ${file} is a run of "${report.scenario}", not of "${scenario}"`);
  } catch (error) {
    if (error instanceof ReportFileError) throw new OptionError(`--compare: ${error.message}`);
    throw error;
  }
}

/** One repetition has no interval: whether it differs beyond noise cannot be told. */
function requireRepetitions({ file, report }: Baseline, repetitions: number): void {
  if (repetitions < 2) {
    throw new OptionError('--check needs --repeat 2 or more: one repetition has no confidence interval');
  }
  if (repetitionsOf(report) < 2) {
    throw new OptionError(
      `--check: ${file} has one repetition and so no confidence interval; save it anew with --repeat`,
    );
  }
}
