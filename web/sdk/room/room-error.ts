// The error of the room client: a refused or unanswered command, with the server's stable code.
import type { ReplyError } from '../../../server/protocol/wire.ts';

/**
 * A command that did not succeed. `code` is the server's (`RATE_LIMITED`, `FORBIDDEN`, ...) or one of the
 * client's own: `DISCONNECTED` (never sent, or the connection was lost before the answer came), `TIMEOUT`
 * (no answer in time), `OVERLOADED` (too many commands wait for an answer). Match codes, show messages.
 */
export class RoomError extends Error {
  override readonly name = 'RoomError';
  readonly code: string;
  readonly retryable: boolean;
  /** With `RATE_LIMITED`: how long to wait, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(error: ReplyError) {
    super(error.message);
    this.code = error.code;
    this.retryable = error.retryable;
    this.retryAfterMs = error.retryAfterMs;
  }
}
