// What a frame of events means to the bench, and the danmaku text that carries its own intended send time.
import type { EventFrame } from '../../../server/protocol/wire.ts';
import type { OffsetRun } from './offset-ledger.ts';

/** A frame, read once. */
export interface FrameSummary {
  /** The numbered events; undefined when there are none. */
  readonly run: OffsetRun | undefined;
  /** Events that gap events in it say were left out. */
  readonly thinned: number;
  /** Intended send times of the danmaku in it, microseconds of {@link monotonicUs}. */
  readonly sentUs: readonly number[];
  /** The newest total of likes in it. */
  readonly likes: number | undefined;
}

const STAMP = /^m(\d+) /;
const FILLER = 'what a viewer types while watching, in about one line of text and then some more of it ';

/** A danmaku of so many characters (at least 20) that says when it was meant to be sent. */
export function stampedText(intendedUs: number, chars: number): string {
  const text = `m${Math.round(intendedUs)} ${FILLER}`;
  return text.padEnd(chars, FILLER).slice(0, chars).trimEnd();
}

/** The intended send time in a text of {@link stampedText}; undefined for any other. */
export function readStamp(text: string): number | undefined {
  const digits = STAMP.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Reads an event frame of the protocol. */
export function summarizeFrame({ events }: EventFrame): FrameSummary {
  const sentUs: number[] = [];
  let [first, last, count, thinned] = [Number.POSITIVE_INFINITY, 0, 0, 0];
  let likes: number | undefined;
  for (const event of events) {
    if (event.type === 'gap') thinned += event.dropped;
    if (event.type === 'likes') likes = event.total;
    if (!('offset' in event)) continue;
    count++;
    first = Math.min(first, event.offset);
    last = Math.max(last, event.offset);
    const stamp = event.type === 'danmaku' ? readStamp(event.text) : undefined;
    if (stamp !== undefined) sentUs.push(stamp);
  }
  return { run: count === 0 ? undefined : { first, last, count }, thinned, sentUs, likes };
}
