// Covers scripts/setup/lock.ts and process-identity.ts: one set-up at a time, and a dead one blocks nobody.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { acquireLock } from '../../../scripts/setup/lock.ts';
import { isAlive, processIdentity } from '../../../scripts/setup/process-identity.ts';

/** A process that stays until killed, in a group of its own. */
function sleeper(t: Test): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], {
    detached: true,
    stdio: 'ignore',
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

function lockOwnedBy(dir: string, owner: string, child = ''): void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'owner'), owner);
  writeFileSync(join(dir, 'child'), child);
}

t.test('holds the lock until disposed and leaves nothing behind', async (t) => {
  const dir = join(t.testdir(), 'cache', 'setup.lock');
  const lock = await acquireLock(dir);
  t.equal(readFileSync(join(dir, 'owner'), 'utf8'), processIdentity(process.pid));
  lock[Symbol.dispose]();
  t.same(readdirSync(dirname(dir)), []);
});

t.test('a second set-up waits for a living one, says so once, and goes on when that one ends', async (t) => {
  const dir = join(t.testdir(), 'setup.lock');
  const first = await acquireLock(dir);
  const waiting = Promise.withResolvers<number>();
  const second = acquireLock(dir, { onWait: waiting.resolve });
  t.equal(await waiting.promise, process.pid);
  first[Symbol.dispose]();
  using _lock = await second;
  t.ok(existsSync(dir));
});

t.test('a wait ends when set-up is interrupted', async (t) => {
  const dir = join(t.testdir(), 'setup.lock');
  using _first = await acquireLock(dir);
  const interrupted = new AbortController();
  const second = acquireLock(dir, { signal: interrupted.signal, onWait: () => interrupted.abort() });
  await t.rejects(second, { name: 'AbortError' });
});

t.test('breaks the lock of a process that is gone, and of one whose id now belongs to another', async (t) => {
  const dir = join(t.testdir(), 'setup.lock');
  for (const owner of ['4194399 12345', `${process.pid} 1`, '', 'nonsense']) {
    lockOwnedBy(dir, owner);
    const lock = await acquireLock(dir);
    lock[Symbol.dispose]();
  }
  t.same(readdirSync(dirname(dir)), []);
});

t.test('ends what a killed set-up left working, before going on', async (t) => {
  const dir = join(t.testdir(), 'setup.lock');
  const child = sleeper(t);
  const ended = once(child, 'exit');
  lockOwnedBy(dir, '4194399 12345', processIdentity(child.pid as number));
  using _lock = await acquireLock(dir);
  t.same(await ended, [null, 'SIGKILL']);
});

t.test('tells a process from a later one with the same id', async (t) => {
  const identity = processIdentity(process.pid) as string;
  t.ok(isAlive(identity));
  t.notOk(isAlive(`${process.pid} 1`));
  t.notOk(isAlive(''));
  t.equal(processIdentity(4_194_399), undefined);
});
