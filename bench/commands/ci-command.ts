// `npm run bench -- ci`: the short subset whose ratios the tests compare with bench/ci-baseline.json, alone; with
// `--save` its baseline is measured anew.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { CI_BASELINE, CI_REPETITIONS, judgeCiRun, runCiSubset } from '../history/ci-subset.ts';
import { OptionError, readCount } from '../option-values.ts';
import { toMarkdown } from '../report/markdown.ts';
import { toJson } from '../report/write-report.ts';
import { isParseError } from './parse-error.ts';
import { makeProgressLine } from './progress-line.ts';

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  save: { type: 'boolean' },
  repeat: { type: 'string' },
} as const;

const USAGE = [
  'ci: danmaku delivered per CPU second beside a plain ws loop, compared with bench/ci-baseline.json',
  '',
  `  --repeat         how often both are measured; default ${CI_REPETITIONS}`,
  '  --save           make this run the baseline instead of comparing it',
].join('\n');

/** Returns the exit code: 0 done, 1 a regression or a failure, 2 wrong command line, 130 interrupted. */
export async function ciCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    const repetitions = readCount(values.repeat, 'repeat', { fallback: CI_REPETITIONS, max: 100 });
    if (repetitions < 2) throw new OptionError('--repeat takes 2 or more: one has no confidence interval');
    return await measure({ repetitions, save: values.save === true, signal });
  } catch (error) {
    if (!(error instanceof OptionError) && !isParseError(error)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

async function measure(options: {
  readonly repetitions: number;
  readonly save: boolean;
  readonly signal: AbortSignal;
}): Promise<number> {
  const report = await runCiSubset({ ...options, progress: makeProgressLine() });
  process.stderr.write('\n');
  const { comparison, failures } = options.save
    ? { comparison: undefined, failures: [] }
    : judgeCiRun(report);
  console.log(toMarkdown(report, comparison));
  if (report.finished === 'interrupted') return 130;
  if (report.finished === 'failed') return 1;
  if (options.save) await writeFile(CI_BASELINE, toJson(report));
  for (const failure of failures) console.error(`check: ${failure}`);
  return failures.length === 0 ? 0 : 1;
}
