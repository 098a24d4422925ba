// Every process that a run of the bench started, however deep, detached or orphaned: known by a mark in the
// environment that children inherit. Linux only, as process-tree.ts is.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { listProcesses, type ProcessInfo, processTree } from './process-tree.ts';

const VARIABLE = 'BENCH_RUN';
const POLL_MS = 50;

/** The mark of this process's children. A bench within a bench appends its own, so that the outer one sees all. */
let mark: string | undefined;

/** Marks whatever this process starts from now on. Call it before anything is started. */
export function markRun(): void {
  if (mark !== undefined) return;
  const outer = process.env[VARIABLE];
  mark = outer === undefined ? randomUUID() : `${outer}/${randomUUID()}`;
  process.env[VARIABLE] = mark;
}

/** The processes of this run that are still there, this one left out. */
export function runProcesses(): ProcessInfo[] {
  const descendants = new Set(processTree(process.pid).map(({ pid }) => pid));
  // nginx writes its title over its environment: descendants count without a mark.
  return listProcesses().filter(({ pid }) => pid !== process.pid && (descendants.has(pid) || hasMark(pid)));
}

/** Waits up to `graceMs` for processes of this run to be gone, then kills the rest; returns those it killed. */
export async function endRunProcesses(options: {
  readonly graceMs: number;
  /** Process ids that are somebody else's business: what was there before. */
  readonly spare: ReadonlySet<number>;
}): Promise<readonly ProcessInfo[]> {
  const find = () => runProcesses().filter(({ pid }) => !options.spare.has(pid));
  const deadline = performance.now() + options.graceMs;
  let left = find();
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    left = find();
  }
  killAll(left);
  return left;
}

/** SIGKILL to whatever this process ever started, at once. */
export function killRunProcesses(): void {
  killAll(runProcesses());
}

function killAll(processes: readonly ProcessInfo[]): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
}

function hasMark(pid: number): boolean {
  if (mark === undefined) return false;
  try {
    const entry = readFileSync(`/proc/${pid}/environ`, 'utf8')
      .split('\0')
      .find((one) => one.startsWith(`${VARIABLE}=`));
    return entry !== undefined && `${entry}/`.startsWith(`${VARIABLE}=${mark}/`);
  } catch {
    return false; // Gone meanwhile, or another user's.
  }
}
