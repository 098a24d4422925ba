// Set-up, run by run.cjs under Node 24 before the real entry: makes sure of everything a command needs and hands the
// environment for it back over IPC. Uses nothing from node_modules, which may not be there yet.
import { join } from 'node:path';
import { BROWSER, findBrowser } from './browser.ts';
import { acquireLock } from './lock.ts';
import { FFMPEG, WORKER_BUILD } from './needs.ts';
import { installNpmPackages, npmPackagesInstalled } from './npm-packages.ts';
import { cacheDir, ROOT } from './paths.ts';
import { formatElapsed } from './progress.ts';
import type { SetupContext } from './run-command.ts';
import { messageOf, SetupError } from './setup-error.ts';
import { ensureSystemPackages, type SystemNeed } from './system-packages.ts';
import { findWorker, installBuiltWorker, installPrebuiltWorker } from './worker.ts';

/** What a command needs besides Node and the npm packages. */
interface Needs {
  readonly worker: boolean;
  readonly system: readonly SystemNeed[];
}

const SERVING: Needs = { worker: true, system: [FFMPEG] };
const TESTING: Needs = { worker: true, system: [FFMPEG, BROWSER] };
const EDITING: Needs = { worker: false, system: [] };

function needsOf(command: string | undefined, args: readonly string[]): Needs {
  if (command === 'check' || command === 'format') return EDITING;
  if (command === 'test' || command === 'bench' || args.includes('--test')) return TESTING;
  return SERVING;
}

function isReady(needs: Needs): boolean {
  const system = needs.system.every((need) => need.isPresent());
  return npmPackagesInstalled(ROOT) && system && (!needs.worker || findWorker(ROOT) !== undefined);
}

async function setUp(needs: Needs, signal: AbortSignal): Promise<void> {
  const onWait = (pid: number): void => console.error(`[setup] waiting for another set-up (process ${pid})`);
  using lock = await acquireLock(join(cacheDir(), 'setup.lock'), { onWait, signal });
  const context: SetupContext = { signal, recordChild: lock.recordChild };
  if (!npmPackagesInstalled(ROOT)) await installNpmPackages(ROOT, context);
  const hasWorker =
    !needs.worker || findWorker(ROOT) !== undefined || (await installPrebuiltWorker(ROOT, context));
  // All system packages in one go, so that the person without root is told one command and not one after another.
  await ensureSystemPackages(hasWorker ? needs.system : [...needs.system, WORKER_BUILD], context);
  if (!hasWorker) await installBuiltWorker(ROOT, context);
}

function environment(needs: Needs): Record<string, string> {
  const worker = needs.worker ? findWorker(ROOT) : undefined;
  const browser = needs.system.includes(BROWSER) ? findBrowser() : undefined;
  return { ...(worker && { MEDIASOUP_WORKER_BIN: worker }), ...(browser && { CHROMIUM_BIN: browser }) };
}

function report(error: unknown): void {
  console.error(`\n[setup] cannot go on: ${messageOf(error)}`);
  if (error instanceof SetupError) console.error(`\n  ${error.remedy}\n`);
}

async function main(): Promise<number> {
  const [command, ...args] = process.argv.slice(2);
  const interrupted = new AbortController();
  for (const event of ['SIGINT', 'SIGTERM', 'disconnect']) process.once(event, () => interrupted.abort());
  process.channel?.unref();
  const startedAt = performance.now();
  const needs = needsOf(command, args);
  try {
    const wasReady = isReady(needs);
    if (!wasReady) await setUp(needs, interrupted.signal);
    process.send?.(environment(needs));
    if (!wasReady || command === 'setup') {
      console.error(`[setup] ready in ${formatElapsed(performance.now() - startedAt)}`);
    }
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) {
      console.error('[setup] interrupted; run the same command again to go on from here');
      return 130;
    }
    report(error);
    return 1;
  }
}

process.exitCode = await main();
