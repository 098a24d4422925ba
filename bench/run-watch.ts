// What can end a measurement before it is done: Ctrl-C, its time limit, the death of the server it measures, a
// target that goes away, an error nobody handles. Decides that it ends and why, not what is reported.
import { serverEnded } from './instruments/server-under-test.ts';
import { TargetWatch } from './target.ts';

/** A scenario that was told to end is given this long to clean up. */
const CLEAN_UP_MS = 30_000;

export interface RunWatchOptions {
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** How long one subject may be measured, ms; without one, for ever. */
  readonly timeLimitMs?: number | undefined;
  /** A server elsewhere that must stay there. */
  readonly target?: string | undefined;
  /** Default 30 s. */
  readonly cleanUpMs?: number | undefined;
}

/** Watches over one measurement; whoever made it disposes of it. */
export class RunWatch {
  readonly #ended = new AbortController();
  readonly #stack = new DisposableStack();
  /** Settles when the time to clean up after an early end is over; never otherwise. */
  readonly outOfTime: Promise<void>;
  #broken: string | undefined;
  #stuck = false;

  constructor(options: RunWatchOptions) {
    this.#stack.use(listening(options.signal, () => this.#end(undefined)));
    const onEnded = (message: unknown) => this.#end(String(message));
    serverEnded.subscribe(onEnded);
    this.#stack.defer(() => serverEnded.unsubscribe(onEnded));
    this.#watchForMistakes();
    const { timeLimitMs, target } = options;
    if (timeLimitMs !== undefined) {
      const why = `not done within the time limit of ${timeLimitMs / 1000} s (--time-limit)`;
      const timer = setTimeout(() => this.#end(why), timeLimitMs);
      this.#stack.defer(() => clearTimeout(timer));
    }
    if (target !== undefined) this.#stack.use(new TargetWatch(target, (why) => this.#end(why)));
    this.outOfTime = this.#waitForCleanUp(options.cleanUpMs ?? CLEAN_UP_MS);
  }

  /** Aborts when the measurement must end, for whatever reason. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Why the measurement failed; undefined when it goes on or was interrupted by the user. */
  get broken(): string | undefined {
    return this.#broken;
  }

  /** Whether it went on and on after it was told to end. */
  get stuck(): boolean {
    return this.#stuck;
  }

  [Symbol.dispose](): void {
    this.#stack.dispose();
  }

  #end(broken: string | undefined): void {
    if (this.#ended.signal.aborted) return;
    this.#broken = broken;
    this.#ended.abort();
  }

  /** A rejection nobody waited for would end the bench on the spot, with everything it started still running. */
  #watchForMistakes(): void {
    const onError = (error: unknown) =>
      this.#end(`nobody handled: ${error instanceof Error ? error.message : error}`);
    for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
      process.on(event, onError);
      this.#stack.defer(() => process.off(event, onError));
    }
  }

  #waitForCleanUp(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wait = listening(this.signal, () => {
        const timer = setTimeout(() => {
          this.#stuck = true;
          resolve();
        }, ms);
        this.#stack.defer(() => clearTimeout(timer));
      });
      this.#stack.use(wait);
    });
  }
}

/** Calls back when the signal aborts, also when it has already, until disposed of. */
function listening(signal: AbortSignal, onAbort: () => void): Disposable {
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) queueMicrotask(onAbort);
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', onAbort) };
}
