// Programs that come from the operating system: which are missing, installing them on Debian and Ubuntu when that is
// allowed, and otherwise the one command that would.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { findProgram } from './paths.ts';
import { beginStep } from './progress.ts';
import { CommandError, runCommand, type SetupContext } from './run-command.ts';
import { SetupError } from './setup-error.ts';

/** How each package manager is asked to install. */
const MANAGERS = {
  'apt-get': 'sudo apt-get update && sudo apt-get install -y',
  dnf: 'sudo dnf install -y',
  pacman: 'sudo pacman -S --needed',
  apk: 'sudo apk add',
  brew: 'brew install',
} as const;

type Manager = keyof typeof MANAGERS;

/** Something the system must supply. */
export interface SystemNeed {
  /** What it is for, as a person would say it. */
  readonly what: string;
  readonly isPresent: () => boolean;
  /** Package names for each manager that has them. */
  readonly packages: Readonly<Partial<Record<Manager, readonly string[]>>>;
  /** Brings it in another way than by `packages`; rejects with SetupError. */
  readonly install?: (context: SetupContext) => Promise<void>;
}

/** Brings in everything of `needs` that is missing, in one go. Throws SetupError with the command when it may not. */
export async function ensureSystemPackages(
  needs: readonly SystemNeed[],
  context: SetupContext,
): Promise<void> {
  const missing = needs.filter((need) => !need.isPresent());
  const packaged = missing.filter((need) => need.install === undefined);
  if (packaged.length > 0) await ensurePackaged(packaged, context);
  for (const need of missing) await need.install?.(context);
}

async function ensurePackaged(missing: readonly SystemNeed[], context: SetupContext): Promise<void> {
  const manager = findManager();
  const what = missing.map((need) => need.what).join(', ');
  const packages = missing.flatMap((need) => (manager ? (need.packages[manager] ?? []) : []));
  const remedy = remedyFor(manager, packages, what);
  const prefix = manager === 'apt-get' && packages.length > 0 ? rootPrefix() : undefined;
  if (prefix === undefined) throw new SetupError(`missing on this machine: ${what}`, remedy);
  await aptInstall({ prefix, packages, what, remedy }, context);
  const still = missing.filter((need) => !need.isPresent()).map((need) => need.what);
  if (still.length > 0) throw new SetupError(`still missing after apt-get: ${still.join(', ')}`, remedy);
}

interface AptRequest {
  readonly prefix: readonly string[];
  readonly packages: readonly string[];
  readonly what: string;
  readonly remedy: string;
}

async function aptInstall(request: AptRequest, context: SetupContext): Promise<void> {
  using step = beginStep('system packages', `installing ${request.what} with apt-get, usually 1 to 2 min`);
  const apt = [...request.prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y'];
  // Another apt (unattended upgrades, say) may hold the lock for a while.
  const options = ['-o', 'DPkg::Lock::Timeout=300', '--no-install-recommends'];
  const onLine = (line: string): void => {
    const package_ = /^(?:Unpacking|Setting up) (\S+)/.exec(line)?.[0];
    if (package_) step.status(package_);
  };
  const run = (args: readonly string[]): Promise<void> =>
    runCommand(context, ['env', ...apt, ...options, ...args], { onLine });
  try {
    if (!hasPackageLists()) await run(['update']);
    await run(['install', ...request.packages]).catch(async (error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      // The lists may be out of date: fetch them and try once more.
      await run(['update']);
      await run(['install', ...request.packages]);
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new SetupError(error.message, request.remedy, { cause: error });
  }
  step.done();
}

function findManager(): Manager | undefined {
  return (Object.keys(MANAGERS) as Manager[]).find((name) => findProgram(name) !== undefined);
}

function remedyFor(manager: Manager | undefined, packages: readonly string[], what: string): string {
  if (!manager || packages.length === 0) return `Install with your package manager: ${what}`;
  return `Run: ${MANAGERS[manager]} ${packages.join(' ')}`;
}

/** What to put before a command to run it as root: nothing for root, sudo where it asks no password, else undefined. */
function rootPrefix(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

function hasPackageLists(): boolean {
  const dir = '/var/lib/apt/lists';
  return existsSync(dir) && readdirSync(dir).some((name) => name.includes('_Packages'));
}
