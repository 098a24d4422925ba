// When to come back after a connection was lost: jittered exponential delays, and what a WebSocket close
// code says about coming back at all. Pure: what the SDK does, and the bench's viewers with it.
import { CLOSE_CODES } from './wire.ts';

/** Bounds of a room connection's delays, ms. */
export const ROOM_RETRY = { minMs: 500, maxMs: 20_000 } as const;

/** Bounds of {@link backoffDelayMs}; `random` gives numbers in [0, 1) (default `Math.random`). */
export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  readonly random?: () => number;
}

/**
 * Delay before attempt `attempt` (0 is the first retry), in ms: the upper bound doubles from `minMs` to
 * `maxMs`, and the delay is drawn from its upper half, so that viewers cut off together come back apart.
 */
export function backoffDelayMs(attempt: number, options: BackoffOptions): number {
  const { minMs, maxMs, random = Math.random } = options;
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(Math.max(attempt, 0), 30));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}

/** Whether to come back after a close, and if so not before `minDelayMs`. */
export type CloseVerdict = { readonly again: true; readonly minDelayMs: number } | { readonly again: false };

/** Delay before coming back after a close, in ms; undefined when the code says not to. */
export function delayAfterClose(code: number, attempt: number, options: BackoffOptions): number | undefined {
  const verdict = judgeClose(code);
  return verdict.again ? Math.max(verdict.minDelayMs, backoffDelayMs(attempt, options)) : undefined;
}

/** Reads a WebSocket close code: 4500-4999 is final, everything else is worth another attempt. */
export function judgeClose(code: number): CloseVerdict {
  if (code >= 4500 && code <= 4999) return { again: false };
  // A slow consumer that comes straight back is a slow consumer again.
  if (code === CLOSE_CODES.slowConsumer) return { again: true, minDelayMs: 1000 };
  return { again: true, minDelayMs: 0 };
}
