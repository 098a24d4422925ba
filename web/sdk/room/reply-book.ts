// The commands that wait for their reply, matched by id, each with a deadline. Does not send.
import type { ReplyFrame } from '../../../server/protocol/wire.ts';
import { RoomError } from './room-error.ts';

interface Waiting {
  readonly link: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: RoomError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** What {@link ReplyBook.open} hands out: the id to send the command with, and the promise of its result. */
export interface OpenReply {
  readonly id: number;
  readonly result: Promise<unknown>;
}

const MAX_WAITING = 64;

/** At most 64 replies are waited for; one more is refused with `OVERLOADED`. */
export class ReplyBook {
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Expects a reply that comes over `link` within `timeoutMs`.
   * @throws RoomError `OVERLOADED`; the promise rejects with the server's error, `TIMEOUT` or `DISCONNECTED`.
   */
  open(link: string, timeoutMs: number): OpenReply {
    if (this.#waiting.size >= MAX_WAITING) {
      throw new RoomError({ code: 'OVERLOADED', message: 'too many unanswered commands', retryable: true });
    }
    const id = ++this.#lastId;
    const result = new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        const message = `no answer within ${timeoutMs} ms`;
        this.#take(id)?.reject(new RoomError({ code: 'TIMEOUT', message, retryable: true }));
      }, timeoutMs);
      this.#waiting.set(id, { link, resolve, reject, timer });
    });
    return { id, result };
  }

  /** Settles the command a reply belongs to; false when nobody waits for it. */
  settle(frame: ReplyFrame): boolean {
    const waiting = frame.id === null ? undefined : this.#take(frame.id);
    if (!waiting) return false;
    if ('error' in frame) waiting.reject(new RoomError(frame.error));
    else waiting.resolve(frame.result);
    return true;
  }

  /** Rejects one command, as when it could not be sent. */
  fail(id: number, error: RoomError): void {
    this.#take(id)?.reject(error);
  }

  /** Rejects what waits for a reply over `link` (every link when it is left out) with `DISCONNECTED`. */
  abandon(link?: string): void {
    for (const [id, waiting] of [...this.#waiting]) {
      if (link !== undefined && waiting.link !== link) continue;
      this.#take(id);
      waiting.reject(disconnected());
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    return waiting;
  }
}

/** The error of a command that has no connection to go over, or lost it. */
export function disconnected(): RoomError {
  return new RoomError({
    code: 'DISCONNECTED',
    message: 'not connected to the room',
    retryable: true,
  });
}
