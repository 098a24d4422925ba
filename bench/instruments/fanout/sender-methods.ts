// What senders of danmaku in a generator process are asked and what they answer.
import type { CrowdTarget } from './crowd-methods.ts';

/** What became of the danmaku of one stretch. */
export interface SendOutcome {
  readonly offered: number;
  readonly accepted: number;
  /** Refusals by error code. */
  readonly refused: Readonly<Record<string, number>>;
  /** Neither accepted nor refused in time. */
  readonly unanswered: number;
  /** Senders whose connection was gone at the end. */
  readonly cutOff: number;
  /** The highest number a danmaku got so far. */
  readonly offset: number;
  /** How long sending took, s. */
  readonly seconds: number;
  /** From the intended send time (paced) or the send (saturated) to the reply, ms: HDR as LatencyHistogram encodes. */
  readonly roundTrip: string;
}

/** A stretch of danmaku of `textChars` characters. */
interface Stretch {
  readonly seconds: number;
  readonly textChars: number;
}

/** The methods of the senders' process. */
export type SenderMethods = {
  /** Adds senders until there are `count`, also for those that were cut off; the number of the newest event when the last one joined. */
  readonly join: (params: {
    readonly target: CrowdTarget;
    readonly count: number;
  }) => Promise<{ readonly offset: number }>;
  /** Open load: so many a second in all, evenly in time and over senders, whatever the replies do. */
  readonly pace: (params: Stretch & { readonly perSecond: number }) => Promise<SendOutcome>;
  /** Closed load: every sender always has `window` danmaku under way. */
  readonly saturate: (params: Stretch & { readonly window: number }) => Promise<SendOutcome>;
  /** Ends the stretch under way early, and every later one at once. */
  readonly stop: (params: Record<string, never>) => void;
  readonly leave: (params: Record<string, never>) => void;
};
