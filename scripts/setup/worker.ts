// The mediasoup worker: the one given by MEDIASOUP_WORKER_BIN, else a cached one, else mediasoup's published binary,
// else a build from its sources. A fresh binary enters the cache only after a real DTLS handshake.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { buildWorker } from '../worker/build.ts';
import { fetchPrebuilt } from '../worker/prebuilt.ts';
import { lockedVersion } from './npm-packages.ts';
import { cacheDir, isExecutable, systemRelease } from './paths.ts';
import { beginStep, type Step } from './progress.ts';
import { CommandError, runCommand, type SetupContext } from './run-command.ts';
import { messageOf, SetupError } from './setup-error.ts';

/** main.cpp's exit code when MEDIASOUP_VERSION is not given: the sign of a binary that loads and runs here. */
const EXIT_NO_VERSION = 41;
/** What of scripts/worker/ decides how a worker turns out, besides mediasoup's version. */
const KEY_PARTS = ['shims', 'patches'];

/** Where the worker of this project, system and state of our shims is kept. */
export function workerPath(root: string): string {
  const version = lockedVersion(root, 'mediasoup');
  const hash = hashFiles(join(root, 'scripts', 'worker'), KEY_PARTS).slice(0, 12);
  const name = `${version}-${process.platform}-${process.arch}-${systemRelease()}-${hash}`;
  return join(cacheDir(), 'mediasoup-worker', name, 'mediasoup-worker');
}

/** SHA-256 over the names and contents of everything below `parts` of `dir`, in hex. */
export function hashFiles(dir: string, parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    for (const file of listFiles(join(dir, part))) {
      const content = readFileSync(file);
      hash.update(`${relative(dir, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

/** The worker to use, or undefined when there is none yet. Throws SetupError when the one asked for does not exist. */
export function findWorker(root: string): string | undefined {
  const asked = process.env['MEDIASOUP_WORKER_BIN'];
  if (asked) {
    if (isExecutable(asked)) return asked;
    throw new SetupError(
      `MEDIASOUP_WORKER_BIN names ${asked}, which is not an executable file`,
      'Run: unset MEDIASOUP_WORKER_BIN',
    );
  }
  const cached = workerPath(root);
  return isExecutable(cached) && runsHere(cached) ? cached : undefined;
}

/** Tries the published binary. Returns false, having said why, when it cannot be had or does not work here. */
export async function installPrebuiltWorker(root: string, context: SetupContext): Promise<boolean> {
  const version = lockedVersion(root, 'mediasoup');
  using step = beginStep(`mediasoup worker ${version}`, 'fetching the published binary, usually 5 s');
  return install(root, async (dir) => {
    try {
      const binary = await fetchPrebuilt(version, dir, context);
      if (!runsHere(binary)) throw new Error('it does not run on this system');
      await checkHandshake(root, binary, context);
      step.done();
      return binary;
    } catch (error) {
      context.signal.throwIfAborted();
      step.note(`no published binary: ${messageOf(error)}`);
      return undefined;
    }
  });
}

/** Builds the worker from the sources in the npm package. Throws SetupError when that fails. */
export async function installBuiltWorker(root: string, context: SetupContext): Promise<void> {
  const version = lockedVersion(root, 'mediasoup');
  using step = beginStep(
    `mediasoup worker ${version}`,
    'building from source, usually 6 min on 2 cores, once',
  );
  try {
    await install(root, (dir) => buildAndCheck(root, { dir, step }, context));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const remedy =
      'Build it elsewhere and set MEDIASOUP_WORKER_BIN to it, or fix the cause and run this again.';
    throw new SetupError(`the mediasoup worker could not be built: ${error.message}`, remedy, {
      cause: error,
    });
  }
  step.done();
}

async function buildAndCheck(
  root: string,
  { dir, step }: { dir: string; step: Step },
  context: SetupContext,
): Promise<string> {
  const key = dirname(workerPath(root)).split('/').at(-1) ?? '';
  const buildDir = join(cacheDir(), 'build', key);
  const outFile = join(dir, 'mediasoup-worker');
  const sourceDir = join(root, 'node_modules', 'mediasoup', 'worker');
  await buildWorker({ sourceDir, buildDir, outFile, onStatus: step.status }, context);
  step.status('checking a DTLS handshake');
  await checkHandshake(root, outFile, context);
  // Only now: until the binary is in hand, what is compiled saves an interrupted build its time.
  rmSync(buildDir, { recursive: true, force: true });
  return outFile;
}

/** Makes a binary in a temporary folder and renames it into the cache. */
async function install(root: string, make: (dir: string) => Promise<string | undefined>): Promise<boolean> {
  const target = dirname(workerPath(root));
  const temp = `${target}.tmp-${process.pid}`;
  mkdirSync(temp, { recursive: true });
  try {
    if ((await make(temp)) === undefined) return false;
    rmSync(target, { recursive: true, force: true });
    renameSync(temp, target);
    return true;
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

/** In a process of its own: mediasoup comes from node_modules, which set-up itself does without. */
async function checkHandshake(root: string, binary: string, context: SetupContext): Promise<void> {
  await runCommand(context, [process.execPath, join(root, 'scripts', 'worker', 'check-dtls.ts'), binary]);
}

/** Whether the system can load the binary at all (libraries present, right libc). */
function runsHere(binary: string): boolean {
  return spawnSync(binary, [], { env: {}, stdio: 'ignore', timeout: 5000 }).status === EXIT_NO_VERSION;
}

function listFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
