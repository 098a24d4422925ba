// One set-up at a time per cache folder. The lock is a folder that holds its owner's identity; a dead owner's lock is
// broken, together with the child it left running. Steps are safe without it: it only spares double work.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive, processIdentity } from './process-identity.ts';

const POLL_MS = 250;

/** The held lock. Dispose to release. */
export interface SetupLock extends Disposable {
  /** Writes down the process group that works for the owner, to be ended if the owner dies; undefined: none now. */
  recordChild(pid: number | undefined): void;
}

/** How to wait for the lock. */
export interface SetupLockOptions {
  /** Called once, with the process id, when another set-up holds the lock. */
  readonly onWait?: (pid: number) => void;
  /** Ends the wait by rejecting with its reason. */
  readonly signal?: AbortSignal;
}

/** Takes the lock folder `dir`, waiting as long as a living process holds it. */
export async function acquireLock(dir: string, options: SetupLockOptions = {}): Promise<SetupLock> {
  const identity = processIdentity(process.pid) ?? `${process.pid} `;
  let told = false;
  while (!tryTake(dir, identity)) {
    options.signal?.throwIfAborted();
    const owner = read(join(dir, 'owner'));
    if (owner === undefined || !isAlive(owner)) {
      breakLock(dir, owner);
      continue;
    }
    if (!told) options.onWait?.(Number.parseInt(owner, 10));
    told = true;
    await delay(POLL_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
  return {
    recordChild: (pid) =>
      writeFileSync(join(dir, 'child'), pid === undefined ? '' : (processIdentity(pid) ?? '')),
    [Symbol.dispose]: () => {
      if (read(join(dir, 'owner')) === identity) rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A folder made beforehand with its owner inside and renamed into place is never seen half-made. */
function tryTake(dir: string, identity: string): boolean {
  const temp = `${dir}.${process.pid}`;
  mkdirSync(dirname(dir), { recursive: true });
  mkdirSync(temp, { recursive: true });
  writeFileSync(join(temp, 'owner'), identity);
  try {
    renameSync(temp, dir);
    return true;
  } catch (error) {
    rmSync(temp, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead owner's lock away. Only one of several waiting set-ups can; one that caught a fresh lock puts it back. */
function breakLock(dir: string, deadOwner: string | undefined): void {
  const away = `${dir}.broken-${process.pid}`;
  try {
    renameSync(dir, away);
  } catch {
    return;
  }
  if (read(join(away, 'owner')) !== deadOwner) {
    renameSync(away, dir);
    return;
  }
  const child = read(join(away, 'child'));
  if (child && isAlive(child)) endGroup(Number.parseInt(child, 10));
  rmSync(away, { recursive: true, force: true });
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
