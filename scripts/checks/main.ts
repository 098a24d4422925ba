// `npm test` and `npm run check`, after set-up: types, lint and format, then the tests. Ends with one line,
// `N passed, N failed`, and exits non-zero when anything failed or no test ran.
import { join } from 'node:path';
import { ROOT } from '../setup/paths.ts';
import { formatElapsed } from '../setup/progress.ts';
import { CommandError, type CommandOptions, runCommand, type SetupContext } from '../setup/run-command.ts';
import { addCounts, type FileResult, TapResults, type TestCounts } from './tap-results.ts';

const NONE: TestCounts = { passed: 0, failed: 0, skipped: 0 };
const ONE_FAILED: TestCounts = { passed: 0, failed: 1, skipped: 0 };

/** Runs a checker that is silent when content. A failure counts as one. */
async function check(name: string, args: readonly string[], context: SetupContext): Promise<TestCounts> {
  const startedAt = performance.now();
  const lines: string[] = [];
  const onLine = (line: string): void => void lines.push(line);
  const outcome = await run(context, [tool(args[0] ?? ''), ...args.slice(1)], { onLine });
  console.log(`${outcome ? 'FAIL' : 'ok  '} ${name} (${formatElapsed(performance.now() - startedAt)})`);
  if (outcome) console.log(lines.join('\n'));
  return outcome ? ONE_FAILED : NONE;
}

/** Runs tap over `files`, or over everything .taprc includes. */
async function test(files: readonly string[], context: SetupContext): Promise<TestCounts> {
  const results = new TapResults();
  const onLine = (line: string): void => {
    const file = results.push(line);
    if (file) reportFile(file);
  };
  const outcome = await run(context, [tool('tap'), '--reporter=tap', ...files], {
    onLine,
    stderr: 'inherit',
  });
  const counts = results.end();
  // tap is believed when it says that something failed, even if no result does.
  const isSilentFailure = outcome !== undefined && counts.failed === 0;
  if (isSilentFailure) console.log(`FAIL ${outcome}`);
  return isSilentFailure ? addCounts(counts, ONE_FAILED) : counts;
}

function reportFile({ name, passed, failed, skipped, failures }: FileResult): void {
  const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`];
  console.log(`${failed ? 'FAIL' : 'ok  '} ${name} (${counts.filter(Boolean).join(', ')})`);
  if (failed) console.log(failures.join('\n'));
}

/** Returns what went wrong, or undefined. */
async function run(
  context: SetupContext,
  argv: readonly [string, ...string[]],
  options: CommandOptions,
): Promise<string | undefined> {
  try {
    await runCommand(context, argv, { cwd: ROOT, ...options });
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return error.summary;
    throw error;
  }
}

function tool(name: string): string {
  return join(ROOT, 'node_modules', '.bin', name);
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const checkOnly = args.includes('--check-only');
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort());
  const context: SetupContext = { signal: interrupted.signal, recordChild: () => undefined };
  let counts = NONE;
  try {
    // Named files are run alone, for the quick round while writing them.
    if (checkOnly || args.length === 0) {
      counts = addCounts(counts, await check('types', ['tsc', '--noEmit', '--pretty', 'false'], context));
      counts = addCounts(counts, await check('lint and format', ['biome', 'check'], context));
    }
    if (checkOnly) return counts.failed === 0 ? 0 : 1;
    counts = addCounts(counts, await test(args, context));
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    console.log('interrupted');
    return 130;
  }
  if (counts.passed + counts.failed === 0) console.log('no test ran');
  if (counts.skipped > 0) console.log(`${counts.skipped} skipped`);
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

process.exitCode = await main();
