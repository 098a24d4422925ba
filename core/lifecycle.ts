// Lifetimes: what every live object offers its owner, and waits that end with it.
import { type EventEmitter, once } from 'node:events';
import { BarrageError } from './errors.ts';

/** A live object. `close` is idempotent and safe to re-enter; whoever created the object calls it. */
export interface Closable {
  close(reason: string): void | Promise<void>;
}

/** Options of {@link waitFor}. */
export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits for one event. Resolves with its arguments.
 * @throws BarrageError `TIMEOUT` naming the event when it has not come within `timeoutMs`.
 */
export async function waitFor(
  emitter: EventEmitter,
  event: string,
  options: WaitOptions,
): Promise<unknown[]> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  try {
    return await once(emitter, event, { signal });
  } catch (error) {
    if (!deadline.aborted) throw error;
    throw new BarrageError('TIMEOUT', `event "${event}" did not come within ${options.timeoutMs} ms`, {
      cause: error,
    });
  }
}

/** Rejects with `TIMEOUT` when `promise` takes longer than `timeoutMs`; `what` names it in the message. */
export async function withDeadline<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new BarrageError('TIMEOUT', `${what} did not finish within ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
