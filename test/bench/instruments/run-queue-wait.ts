// The wait for a core of two threads that must share one, and of a process that sleeps.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { RunQueueWait } from '../../../bench/instruments/run-queue-wait.ts';

const WINDOW_MS = 1_000;

/** Busy loops pinned to the first core. */
function startSpinners(t: Tap, count: number): ChildProcess[] {
  return Array.from({ length: count }, () => {
    const child = spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;) {}'], { stdio: 'ignore' });
    t.teardown(() => child.kill('SIGKILL'));
    return child;
  });
}

interface Tap {
  teardown(end: () => void): void;
}

async function waitOf(pid: number | undefined): Promise<number> {
  const wait = new RunQueueWait(pid ?? 0);
  await new Promise((resolve) => setTimeout(resolve, WINDOW_MS));
  return wait.read();
}

t.test('of three busy processes on one core each waits most of the time, a sleeping one never', async (t) => {
  const spinners = startSpinners(t, 3);
  const sleeper = spawn('sleep', ['30'], { stdio: 'ignore' });
  t.teardown(() => sleeper.kill('SIGKILL'));
  await Promise.all([...spinners, sleeper].map((child) => once(child, 'spawn')));
  const waits = await Promise.all([...spinners, sleeper].map(({ pid }) => waitOf(pid)));
  const asleep = waits.pop();
  const busy = waits.reduce((sum, wait) => sum + wait, 0);
  t.ok(busy > 1, `${busy.toFixed(2)} of three waited`);
  t.ok((asleep ?? 1) < 0.1);
});
