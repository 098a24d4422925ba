// CPU seconds used by each kind of process over a stretch of a run, so that figures can be given per busy
// core although server, publisher and browser share the machine.
import { processTree } from './process-tree.ts';

/** CPU seconds by label, and the stretch's wall seconds. */
export interface CpuUse {
  readonly wallSeconds: number;
  readonly cpuSeconds: Readonly<Record<string, number>>;
}

/** Trees to account for, inner ones first: a label and the root's process id, asked for anew at each reading. */
export type CpuRoots = Readonly<Record<string, () => number>>;

/** Counts from its making; a process that came and went between two readings is missed. */
export class CpuAccount {
  readonly #roots: CpuRoots;
  readonly #startedAt = performance.now();
  readonly #atStart: ReadonlyMap<number, number>;

  constructor(roots: CpuRoots) {
    this.#roots = roots;
    this.#atStart = new Map(this.#read().map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
  }

  /** The use since the start. Labels read `server/node`, `server/ffmpeg`: the root's label and the process's name. */
  read(): CpuUse {
    const cpuSeconds: Record<string, number> = {};
    for (const process of this.#read()) {
      const used = process.cpuSeconds - (this.#atStart.get(process.pid) ?? 0);
      cpuSeconds[process.label] = (cpuSeconds[process.label] ?? 0) + used;
    }
    return { wallSeconds: (performance.now() - this.#startedAt) / 1000, cpuSeconds };
  }

  /** Every process once, under the first root it descends from. */
  #read() {
    const seen = new Set<number>();
    return Object.entries(this.#roots).flatMap(([label, pid]) =>
      processTree(pid())
        .filter((process) => !seen.has(process.pid) && seen.add(process.pid))
        .map((process) => ({ ...process, label: `${label}/${process.name}` })),
    );
  }
}

/** CPU seconds of the trees under a label, for example `server`. */
export function cpuSecondsUnder(label: string, { cpuSeconds }: CpuUse): number {
  return Object.entries(cpuSeconds)
    .filter(([name]) => name.startsWith(`${label}/`))
    .reduce((sum, [, seconds]) => sum + seconds, 0);
}
