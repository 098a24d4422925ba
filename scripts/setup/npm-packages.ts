// The npm packages of package-lock.json. Decides by a stamp whether node_modules is complete; never runs install
// scripts, because the one that matters (mediasoup's) is replaced by worker.ts.
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beginStep } from './progress.ts';
import { CommandError, runCommand, type SetupContext } from './run-command.ts';
import { SetupError } from './setup-error.ts';

const COMPLAINT_LINES = 15;

interface LockedPackage {
  readonly version?: string;
  readonly optional?: boolean;
  readonly link?: boolean;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** Whether node_modules was installed whole from this very package-lock.json, on this kind of machine. */
export function npmPackagesInstalled(root: string): boolean {
  const wanted = stampOf(root);
  if (read(stampFile(root)) === wanted) return true;
  // An `npm install` or `npm ci` by hand is as good: npm writes this copy of the lock only when it has finished.
  const installed = parse(read(join(root, 'node_modules', '.package-lock.json')));
  const locked = parse(read(join(root, 'package-lock.json')));
  if (!installed || !locked || !covers(installed, locked)) return false;
  writeFileSync(stampFile(root), wanted);
  return true;
}

/** Installs them afresh. The stamp comes last, so an interrupted install is done again. */
export async function installNpmPackages(root: string, context: SetupContext): Promise<void> {
  using step = beginStep('npm packages', 'installing, usually 15 to 60 s');
  // npm says what went wrong first and its usage last.
  const complaint: string[] = [];
  const onLine = (line: string): void => {
    if (complaint.length < COMPLAINT_LINES) complaint.push(line);
  };
  const retries = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=10000'];
  const argv = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    await runCommand(context, ['npm', ...argv, ...retries], { cwd: root, onLine });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const message = `${error.summary}:\n${complaint.join('\n')}`;
    throw new SetupError(message, 'Check the network, then run the same command again.', {
      cause: error,
    });
  }
  writeFileSync(stampFile(root), stampOf(root));
  step.done();
}

/** The version of `name` that package-lock.json asks for. */
export function lockedVersion(root: string, name: string): string {
  const version = parse(read(join(root, 'package-lock.json')))?.packages[`node_modules/${name}`]?.version;
  if (version === undefined) throw new Error(`package-lock.json does not hold ${name}`);
  return version;
}

function covers(installed: LockFile, locked: LockFile): boolean {
  return Object.entries(locked.packages).every(([path, wanted]) => {
    if (path === '' || wanted.link) return true;
    const found = installed.packages[path];
    return found === undefined ? wanted.optional === true : found.version === wanted.version;
  });
}

function stampFile(root: string): string {
  return join(root, 'node_modules', '.barrage-stamp');
}

/** Besides the wanted packages, the age of npm's own record: whatever npm does to node_modules makes the stamp void. */
function stampOf(root: string): string {
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const record = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  return `${hash} ${process.platform}-${process.arch} ${record?.mtimeMs}\n`;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string | undefined): LockFile | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as LockFile);
}
