// What a timeline does for the segmenter: turns access units on the media clock into samples with exact
// ticks and durations, one behind the other without overlap.
import type { AccessUnit } from '../../core/access-unit.ts';
import type { FragmentUnit } from '../cmaf/fragment.ts';

/**
 * The time line of one track from a start or discontinuity on. For each unit, `settle` then `take`:
 * `settle` gives the samples that this unit's arrival completes, `take` those it is itself.
 */
export interface TrackTimeline {
  /** Ticks per second of everything that comes out. */
  readonly timescale: number;
  settle(unit: AccessUnit): FragmentUnit[];
  take(unit: AccessUnit): FragmentUnit[];
  /** What is still held, when nothing follows before `untilUs` (undefined: nothing follows at all). */
  flush(untilUs: number | undefined): FragmentUnit[];
}

/** Where a timeline starts: no sample begins before `notBeforeUs` (decode time, media clock). */
export interface TimelineStart {
  readonly notBeforeUs: number;
}
