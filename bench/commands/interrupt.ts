// Ctrl-C and SIGTERM as a signal that a run listens to.
import { killRunProcesses } from '../instruments/run-processes.ts';

/** One Ctrl-C can arrive twice: from the terminal, and again from npm, which forwards it. */
const REPEAT_MS = 500;

/** First one: stop measuring, clean up, report what there is. Second: end at once, with every process started. */
export function listenForInterrupt(): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) {
        firstAt = performance.now();
        process.stderr.write('\ninterrupted: cleaning up; once more ends at once, without a report\n');
        controller.abort();
      } else if (performance.now() - firstAt > REPEAT_MS) {
        killRunProcesses();
        process.exit(130);
      }
    });
  }
  return controller.signal;
}
