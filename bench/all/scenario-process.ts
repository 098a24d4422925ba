// One scenario of `all` in a bench process of its own: what one leaves behind, or breaks, does not reach the next.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { endRunProcesses, markRun } from '../instruments/run-processes.ts';
import { readReport } from '../report/read-report.ts';
import type { RunReport } from '../report/run-report.ts';

const MAIN = path.join(import.meta.dirname, '../main.ts');
const FOLLOW_PARENT = path.join(import.meta.dirname, '../../scripts/setup/follow-parent.ts');
const TAIL_LINES = 8;

/** How it went with one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly seconds: number;
  /** Exit code of its process; null when it was killed. */
  readonly code: number | null;
  /** Undefined when it wrote none. */
  readonly report: RunReport | undefined;
  /** Files of the report, without their folder. */
  readonly files: readonly string[];
  /** The end of what it printed to stderr. */
  readonly tail: string;
}

export interface ScenarioProcessOptions {
  readonly name: string;
  /** Command line after `bench/main.ts`. */
  readonly args: readonly string[];
  /** Folder that its report goes to. */
  readonly out: string;
  /** After this time the process is killed: it did not even keep its own limit. */
  readonly hardLimitMs: number;
  /** Ctrl-C: handed on once. */
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Runs it to its end; never rejects. */
export async function runScenarioProcess(options: ScenarioProcessOptions): Promise<ScenarioResult> {
  markRun();
  const startedAt = performance.now();
  // In a group of its own: Ctrl-C in a terminal reaches this process, which passes it on once.
  const child = spawn(process.execPath, [`--import=${FOLLOW_PARENT}`, MAIN, ...options.args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  const tail: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.trim() === '') return;
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      options.progress(line);
    });
  }
  const code = await exitOf(child, options);
  await endRunProcesses({ graceMs: 1_000, spare: new Set() });
  const files = listFiles(options.out, options.name);
  return {
    ...{ name: options.name, code, files, report: findReport(options.out, files) },
    ...{ seconds: Math.round((performance.now() - startedAt) / 1000), tail: tail.join('\n') },
  };
}

async function exitOf(child: ChildProcess, options: ScenarioProcessOptions): Promise<number | null> {
  const interrupt = () => child.kill('SIGINT');
  options.signal.addEventListener('abort', interrupt);
  const timer = setTimeout(() => child.kill('SIGKILL'), options.hardLimitMs);
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', interrupt);
  }
}

function listFiles(folder: string, name: string): string[] {
  try {
    return readdirSync(folder).filter((file) => file.startsWith(`${name}-`));
  } catch {
    return []; // It wrote nothing, so there is no folder.
  }
}

/** A report cut off in the middle of writing is none. */
function findReport(folder: string, files: readonly string[]): RunReport | undefined {
  const file = files.find((one) => one.endsWith('.json'));
  try {
    return file === undefined ? undefined : readReport(path.join(folder, file));
  } catch {
    return undefined;
  }
}
