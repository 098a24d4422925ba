// Describes the machine and the programs a run was made with: figures mean nothing without them.
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import path from 'node:path';

export interface MachineDescription {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly system: string;
  readonly node: string;
  readonly ffmpeg: string;
  readonly commit: string;
}

/** Reads what can be read; what cannot is `unknown`. */
export function describeMachine(): MachineDescription {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    system: firstMatch(run('sh', ['-c', '. /etc/os-release && echo "$PRETTY_NAME"']), /(.+)/),
    node: process.version,
    ffmpeg: firstMatch(run('ffmpeg', ['-version']), /^ffmpeg version (\S+)/),
    commit: firstMatch(run('git', ['describe', '--always', '--dirty', '--abbrev=10']), /(\S+)/),
  };
}

function run(command: string, args: readonly string[]): string {
  try {
    const cwd = path.join(import.meta.dirname, '..');
    return execFileSync(command, args, { encoding: 'utf8', cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

function firstMatch(text: string, pattern: RegExp): string {
  return pattern.exec(text)?.[1] ?? 'unknown';
}

/** Share of all cores that was busy over so many ms, 0 to 1: before a run, that is other people's work. */
export async function measureBusyShare(ms: number): Promise<number> {
  const before = busyMs();
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return (busyMs() - before) / (performance.now() - startedAt) / availableParallelism();
}

function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
}
