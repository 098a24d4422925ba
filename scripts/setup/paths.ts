// Where set-up keeps things: the project's root, the cache, the release of the system. No I/O beyond one small read.
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';

/** Absolute path of the project. */
export const ROOT = dirname(dirname(import.meta.dirname));

/** The cache folder: `$XDG_CACHE_HOME/barrage`, or `~/.cache/barrage`. Kept the same as in node.cjs. */
export function cacheDir(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base && isAbsolute(base) ? base : join(homedir(), '.cache'), 'barrage');
}

/** The system a compiled binary belongs to, such as `debian-12`; only the platform's name outside Linux. */
export function systemRelease(osReleaseFile = '/etc/os-release'): string {
  if (process.platform !== 'linux') return process.platform;
  let text = '';
  try {
    text = readFileSync(osReleaseFile, 'utf8');
  } catch {
    return 'linux';
  }
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return [value('ID') || 'linux', value('VERSION_ID')]
    .filter(Boolean)
    .join('-')
    .replaceAll(/[^\w.-]/g, '_');
}

/** The absolute path of `program` as PATH finds it, or undefined. */
export function findProgram(program: string): string | undefined {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(dir, program);
    if (isAbsolute(file) && isExecutable(file)) return file;
  }
  return undefined;
}

/** Whether `file` exists and may be executed. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
