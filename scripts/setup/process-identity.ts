// Tells a process from a later one that got the same id. Linux reads /proc; elsewhere `ps` is asked.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** `pid start-time` of a running process, or undefined when there is none of that id. */
export function processIdentity(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  const start = process.platform === 'linux' ? linuxStart(pid) : psStart(pid);
  return start === undefined ? undefined : `${pid} ${start}`;
}

/** Whether the process written down as `identity` still runs. */
export function isAlive(identity: string): boolean {
  const pid = Number.parseInt(identity, 10);
  return pid > 0 && processIdentity(pid) === identity;
}

function linuxStart(pid: number): string | undefined {
  try {
    // Fields are counted after the name, which may hold blanks and brackets; the state is field 3, the start 22.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function psStart(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() || undefined;
}
