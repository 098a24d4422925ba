// The bench command as a process of its own, with what it prints, and a way to see whether it left anything running.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listProcesses, type ProcessInfo, processTree } from '../../bench/instruments/process-tree.ts';
import { readReport } from '../../bench/report/read-report.ts';
import type { RunReport } from '../../bench/report/run-report.ts';

const MAIN = path.join(import.meta.dirname, '../../bench/main.ts');

/** A running bench; its reports go to a folder of its own. */
export class BenchProcess {
  readonly out = mkdtempSync(path.join(tmpdir(), 'bench-'));
  readonly #mark = randomUUID();
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #seen = new Map<number, string>();
  #output = '';

  constructor(args: readonly string[], options: { main?: string; env?: Record<string, string> } = {}) {
    this.#child = spawn(process.execPath, [options.main ?? MAIN, ...args, '--out', this.out], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env, BENCH_RUN: this.#mark },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    this.#closed = once(this.#child, 'close');
  }

  get output(): string {
    return this.#output;
  }

  /** Waits until it has printed something; throws with all it printed when it ended before or takes too long. */
  async printed(pattern: RegExp, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!pattern.test(this.#output)) {
      if (this.#child.exitCode !== null || Date.now() > deadline)
        throw new Error(`never printed ${pattern}:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  signal(name: NodeJS.Signals): void {
    for (const { pid, name: program } of processTree(this.#child.pid ?? 0)) this.#seen.set(pid, program);
    this.#child.kill(name);
  }

  /** Its descendant whose command line has this text. */
  findProcess(text: string): number {
    const found = processTree(this.#child.pid ?? 0).find(({ pid }) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(text),
    );
    if (!found) throw new Error(`no process with ${text}`);
    return found.pid;
  }

  /** Waits for its end; returns its exit code. */
  async ended(): Promise<number | null> {
    await this.#closed;
    return this.#child.exitCode;
  }

  /** Processes it started that still run, wherever they hang in the tree. */
  leftovers(): ProcessInfo[] {
    return listProcesses().filter(({ pid, name }) => this.#seen.get(pid) === name || this.#isMarked(pid));
  }

  /** The report it wrote. */
  report(): RunReport {
    const file = readdirSync(this.out).find((name) => name.endsWith('.json'));
    return readReport(path.join(this.out, file ?? 'none.json'));
  }

  #isMarked(pid: number): boolean {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(this.#mark);
    } catch {
      return false;
    }
  }
}
