// Runs the commands set-up needs (npm, apt-get, meson, ninja), each in a process group that ends with set-up.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const TAIL_LINES = 25;
const KILL_AFTER_MS = 3000;

/** What a set-up step works with. */
export interface SetupContext {
  /** Aborted when set-up is interrupted. */
  readonly signal: AbortSignal;
  /** Told the process group at work, so that it does not outlive a killed set-up; undefined when it ended. */
  readonly recordChild: (pid: number | undefined) => void;
}

/** How to run a command. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Every line of standard output and, unless `stderr` says otherwise, of standard error. */
  readonly onLine?: (line: string) => void;
  /** `inherit` passes standard error through. */
  readonly stderr?: 'inherit';
}

/** A command that failed; the message ends in its last lines, `summary` leaves them out. */
export class CommandError extends Error {
  readonly summary: string;

  constructor(command: string, outcome: string, tail: string) {
    super(`${command} ${outcome}${tail ? `:\n${tail}` : ''}`);
    this.name = 'CommandError';
    this.summary = `${command} ${outcome}`;
  }
}

/** Runs `argv` to its end. Rejects with CommandError, or with the abort reason after ending the whole group. */
export async function runCommand(
  context: SetupContext,
  argv: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<void> {
  context.signal.throwIfAborted();
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    detached: true,
    stdio: ['ignore', 'pipe', options.stderr ?? 'pipe'],
  });
  const exited = Promise.withResolvers<string | undefined>();
  child.on('error', (error) => exited.resolve(`could not be started (${error.message})`));
  child.on('close', (code, signal) =>
    exited.resolve(code === 0 ? undefined : `ended with ${signal ?? code}`),
  );
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (tail.push(line) > TAIL_LINES) tail.shift();
      options.onLine?.(line);
    });
  }
  const { pid } = child;
  if (pid !== undefined) context.recordChild(pid);
  const onAbort = (): void => endGroup(pid);
  context.signal.addEventListener('abort', onAbort);
  const failure = await exited.promise;
  context.signal.removeEventListener('abort', onAbort);
  context.recordChild(undefined);
  context.signal.throwIfAborted();
  if (failure !== undefined) throw new CommandError(program, failure, tail.join('\n').trim());
}

function endGroup(pid: number | undefined): void {
  const kill = (signal: NodeJS.Signals): void => {
    try {
      if (pid !== undefined) process.kill(-pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  kill('SIGTERM');
  setTimeout(() => kill('SIGKILL'), KILL_AFTER_MS).unref();
}
