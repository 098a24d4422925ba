// Builds the mediasoup worker from the sources in mediasoup's npm package against the system's libraries: patches/
// mends the sources, shims/ stand in for the bundled libraries. Checking and keeping the binary is the caller's.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { runCommand, type SetupContext } from '../setup/run-command.ts';

const SHIMS = join(import.meta.dirname, 'shims');
const PATCHES = join(import.meta.dirname, 'patches');
const TARGET = 'mediasoup-worker';
/** What one C++ compiler needs at worst; more jobs than memory would make the machine swap. */
const BYTES_PER_JOB = 0.8e9;

/** What to build, and where. */
export interface WorkerBuildOptions {
  /** `worker/` of the installed mediasoup package; it is only read. */
  readonly sourceDir: string;
  /** Kept between runs: an interrupted build goes on from what it has compiled. */
  readonly buildDir: string;
  /** Where the stripped binary is written. */
  readonly outFile: string;
  /** Told how far it is, such as `compiled 12 of 261 files`. */
  readonly onStatus: (text: string) => void;
}

/** Builds the worker. Rejects with CommandError holding the compiler's last lines. */
export async function buildWorker(options: WorkerBuildOptions, context: SetupContext): Promise<void> {
  const source = join(options.buildDir, 'source');
  const out = join(options.buildDir, 'out');
  options.onStatus('preparing the sources');
  if (!existsSync(source)) await prepareSources(options.sourceDir, source, context);
  await configure(source, out, context);
  const jobs = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / BYTES_PER_JOB)));
  await runCommand(context, ['ninja', '-C', out, '-j', String(jobs), TARGET], {
    env: { NINJA_STATUS: '[%f/%t] ' },
    onLine: (line) => {
      const count = /^\[(\d+)\/(\d+)\]/.exec(line);
      if (count) options.onStatus(`compiled ${count[1]} of ${count[2]} files`);
    },
  });
  await runCommand(context, ['strip', '-o', options.outFile, join(out, TARGET)]);
}

/** A patched copy of the sources with our subprojects in place; whole or not there at all. */
async function prepareSources(from: string, to: string, context: SetupContext): Promise<void> {
  const temp = `${to}.tmp`;
  rmSync(temp, { recursive: true, force: true });
  mkdirSync(join(temp, '..'), { recursive: true });
  cpSync(from, temp, { recursive: true });
  for (const patch of readdirSync(PATCHES).sort()) {
    await runCommand(context, ['patch', '-d', temp, '-p1', '-N', '-i', join(PATCHES, patch)]);
  }
  for (const shim of readdirSync(SHIMS)) {
    cpSync(join(SHIMS, shim), join(temp, 'subprojects', wrapDirectory(temp, shim)), { recursive: true });
  }
  renameSync(temp, to);
}

/** The folder a subproject's wrap file says it unpacks to, where meson then looks before it downloads. */
function wrapDirectory(source: string, name: string): string {
  const wrap = readFileSync(join(source, 'subprojects', `${name}.wrap`), 'utf8');
  const directory = /^directory\s*=\s*(\S+)/m.exec(wrap)?.[1];
  if (!directory || basename(directory) !== directory) throw new Error(`${name}.wrap names no directory`);
  return directory;
}

async function configure(source: string, out: string, context: SetupContext): Promise<void> {
  const stamp = join(out, '.configured');
  if (existsSync(stamp)) return;
  rmSync(out, { recursive: true, force: true });
  const options = ['--buildtype', 'release', '-Db_ndebug=true', '--wrap-mode', 'nodownload'];
  await runCommand(context, ['meson', 'setup', ...options, out, source]);
  writeFileSync(stamp, '');
}
