// How long processes wanted a core and got none, read from the kernel's scheduler: tells a machine that is too
// small for server and generator together from a server that is slow. Linux only.
import { readdirSync, readFileSync } from 'node:fs';
import { processTree } from './process-tree.ts';

/** Counts from its making, over all threads of the processes below a root. */
export class RunQueueWait {
  readonly #rootPid: number;
  readonly #startedAt = performance.now();
  readonly #atStart: ReadonlyMap<string, number>;

  constructor(rootPid: number) {
    this.#rootPid = rootPid;
    this.#atStart = readWaits(rootPid);
  }

  /** Threads that stood waiting for a core, on average since the start. 0.5 is one thread half of the time. */
  read(): number {
    let waitedNs = 0;
    for (const [thread, ns] of readWaits(this.#rootPid)) waitedNs += ns - (this.#atStart.get(thread) ?? 0);
    return waitedNs / 1e6 / (performance.now() - this.#startedAt);
  }
}

/** Nanoseconds on the run queue, by thread; empty where the kernel does not count them. */
function readWaits(rootPid: number): Map<string, number> {
  const files = processTree(rootPid).flatMap(({ pid }) => threadsOf(pid));
  return new Map(files.flatMap((file) => readWait(file)));
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`);
  } catch {
    return []; // Gone meanwhile.
  }
}

function readWait(file: string): [string, number][] {
  try {
    // Time run, time waited, turns (Documentation/scheduler/sched-stats.rst).
    return [[file, Number(readFileSync(file, 'utf8').split(' ')[1] ?? 0)]];
  } catch {
    return [];
  }
}
