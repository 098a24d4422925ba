// The Chromium of the end-to-end tests: the one asked for, one of the system's, or one that Playwright fetched.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, findProgram, isExecutable, ROOT, systemRelease } from './paths.ts';
import { beginStep } from './progress.ts';
import { CommandError, runCommand, type SetupContext } from './run-command.ts';
import { SetupError } from './setup-error.ts';
import type { SystemNeed } from './system-packages.ts';

const PROGRAMS = ['chromium', 'google-chrome-stable', 'google-chrome'];
/** Ubuntu's apt has Chromium only as a snap, which neither containers nor the tests can use. */
const APT_HAS_CHROMIUM = !systemRelease().startsWith('ubuntu');

/** A Chromium for the end-to-end tests. */
export const BROWSER: SystemNeed = {
  what: 'Chromium (for the tests)',
  isPresent: () => findBrowser() !== undefined,
  packages: {
    ...(APT_HAS_CHROMIUM && { 'apt-get': ['chromium', 'fonts-liberation'] }),
    dnf: ['chromium'],
    pacman: ['chromium'],
    apk: ['chromium'],
    brew: ['chromium'],
  },
  ...(!APT_HAS_CHROMIUM && { install: fetchBrowser }),
};

/** Path of the browser the tests use, or undefined: `CHROMIUM_BIN` when set, else what is found. */
export function findBrowser(): string | undefined {
  const asked = process.env['CHROMIUM_BIN'];
  if (asked) return isExecutable(asked) ? asked : undefined;
  return PROGRAMS.map(findProgram).find((path) => path !== undefined) ?? findFetched(browsersDir());
}

/** The browser in a folder that Playwright fills: `chromium-<build>/chrome-linux<bits>/chrome`. */
export function findFetched(dir: string): string | undefined {
  return list(dir)
    .filter((name) => name.startsWith('chromium-'))
    .flatMap((build) => list(join(dir, build)).map((platform) => join(dir, build, platform, 'chrome')))
    .find(isExecutable);
}

async function fetchBrowser(context: SetupContext): Promise<void> {
  using step = beginStep('Chromium', 'fetching it with the libraries it needs, usually 1 min');
  const cli = join(ROOT, 'node_modules', 'playwright-core', 'cli.js');
  const env = { PLAYWRIGHT_BROWSERS_PATH: browsersDir() };
  try {
    await runCommand(context, [process.execPath, cli, 'install', '--with-deps', 'chromium'], { env });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const remedy = `Run: sudo env PLAYWRIGHT_BROWSERS_PATH=${browsersDir()} ${process.execPath} ${cli} install --with-deps chromium`;
    throw new SetupError(error.message, remedy, { cause: error });
  }
  step.done();
}

function browsersDir(): string {
  return join(cacheDir(), 'browsers');
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
