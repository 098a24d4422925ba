// What a crowd of tappers has done and seen so far: sums and histograms, no sockets.
import { LatencyHistogram } from '../latency-histogram.ts';

/** Counts of one stretch of tapping, as they cross from the generator's process to the bench. */
export interface TapCounts {
  readonly acceptedCommands: number;
  readonly acceptedTaps: number;
  /** Answered with `RATE_LIMITED`: the client knows that none of these counted. */
  readonly refusedCommands: number;
  readonly refusedTaps: number;
  /** Answered with any other error. */
  readonly failedCommands: number;
  /** Sent, but the connection was cut before the answer: whether they count only the server knows. */
  readonly unknownTaps: number;
  readonly reconnects: number;
  /** Totals heard that were lower than one heard before. */
  readonly backwards: number;
  /** Connections that ended without having been asked to. */
  readonly lost: number;
  /** HdrHistograms, encoded. */
  readonly replyMs: string;
  readonly pulseMs: string;
}

/** The counts of one stretch, growing. */
export class TapBook {
  acceptedCommands = 0;
  acceptedTaps = 0;
  refusedCommands = 0;
  refusedTaps = 0;
  failedCommands = 0;
  unknownTaps = 0;
  reconnects = 0;
  backwards = 0;
  lost = 0;
  /** From the moment taps were due to be sent until their answer was here. */
  readonly replyMs = new LatencyHistogram();
  /** Between two `likes` events at one viewer. */
  readonly pulseMs = new LatencyHistogram();

  read(): TapCounts {
    const { replyMs, pulseMs, ...counts } = this;
    return { ...counts, replyMs: replyMs.encode(), pulseMs: pulseMs.encode() };
  }
}

/** The counts of several generators as one. */
export function sumTapCounts(all: readonly TapCounts[]): TapCounts {
  const sum = new TapBook();
  for (const counts of all) {
    sum.acceptedCommands += counts.acceptedCommands;
    sum.acceptedTaps += counts.acceptedTaps;
    sum.refusedCommands += counts.refusedCommands;
    sum.refusedTaps += counts.refusedTaps;
    sum.failedCommands += counts.failedCommands;
    sum.unknownTaps += counts.unknownTaps;
    sum.reconnects += counts.reconnects;
    sum.backwards += counts.backwards;
    sum.lost += counts.lost;
    sum.replyMs.add(LatencyHistogram.decode(counts.replyMs));
    sum.pulseMs.add(LatencyHistogram.decode(counts.pulseMs));
  }
  return sum.read();
}

/** How far a total is from what the counts allow: 0 when exact. Taps of unknown outcome may count or not. */
export function totalErrorOf(total: number, base: number, counts: TapCounts): number {
  const least = base + counts.acceptedTaps;
  if (total < least) return least - total;
  return Math.max(0, total - least - counts.unknownTaps);
}
