// What set-up tells the person who waits: a line when a step begins, a heartbeat while it lasts, a line when it ends.

const HEARTBEAT_MS = 10_000;

/** A step under way. */
export interface Step extends Disposable {
  /** What the heartbeat shows from now on, such as `compiled 12 of 261 files`. */
  status(text: string): void;
  /** Prints a line at once. */
  note(text: string): void;
  /** Prints the closing line with the time taken. Without it, disposal ends the step silently. */
  done(text?: string): void;
}

/** `72_500` as `1 min 12 s`. */
export function formatElapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Begins a step: prints `name: doing` and from then on a heartbeat every 10 s until done or disposed. */
export function beginStep(
  name: string,
  doing: string,
  print: (line: string) => void = (line) => void process.stderr.write(line),
): Step {
  const startedAt = performance.now();
  const elapsed = (): string => formatElapsed(performance.now() - startedAt);
  const say = (text: string): void => print(`[setup] ${name}: ${text}\n`);
  let current = 'still working';
  say(doing);
  const timer = setInterval(() => say(`${current} (${elapsed()})`), HEARTBEAT_MS);
  timer.unref();
  return {
    status: (text) => {
      current = text;
    },
    note: say,
    done: (text = 'done') => {
      clearInterval(timer);
      say(`${text} in ${elapsed()}`);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
