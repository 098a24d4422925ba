// The time line of a video track: a frame lasts until the next one starts, so the newest is held back.
import type { AccessUnit, VideoTrack } from '../../core/access-unit.ts';
import type { FragmentUnit } from '../cmaf/fragment.ts';
import { usToTicks } from './ticks.ts';
import type { TimelineStart, TrackTimeline } from './track-timeline.ts';

/** Ticks per second of every video track: what RTP and most packagers use. */
export const VIDEO_TIMESCALE = 90_000;

const FALLBACK_FRAME_RATE = 30;

/** See {@link TrackTimeline}. Holds one frame. */
export class VideoTimeline implements TrackTimeline {
  readonly timescale = VIDEO_TIMESCALE;
  #held: { unit: AccessUnit; dts: number } | undefined;
  #lastDuration: number;
  #earliest: number;

  constructor(track: VideoTrack, start: TimelineStart) {
    this.#lastDuration = Math.round(VIDEO_TIMESCALE / (track.frameRate || FALLBACK_FRAME_RATE));
    this.#earliest = usToTicks(start.notBeforeUs, VIDEO_TIMESCALE);
  }

  settle(unit: AccessUnit): FragmentUnit[] {
    return this.#release(this.#startOf(unit));
  }

  take(unit: AccessUnit): FragmentUnit[] {
    const dts = this.#startOf(unit);
    this.#held = { unit, dts };
    this.#earliest = dts + 1;
    return [];
  }

  flush(untilUs: number | undefined): FragmentUnit[] {
    if (!this.#held) return [];
    const expected = this.#held.dts + this.#lastDuration;
    const limit = untilUs === undefined ? expected : usToTicks(untilUs, VIDEO_TIMESCALE);
    const samples = this.#release(Math.max(this.#held.dts + 1, Math.min(expected, limit)));
    const last = samples[0];
    if (last) this.#earliest = last.dts + last.duration;
    return samples;
  }

  #startOf(unit: AccessUnit): number {
    return Math.max(usToTicks(unit.dtsUs, VIDEO_TIMESCALE), this.#earliest);
  }

  #release(nextDts: number): FragmentUnit[] {
    const held = this.#held;
    if (!held) return [];
    this.#held = undefined;
    const { unit, dts } = held;
    this.#lastDuration = nextDts - dts;
    // Where the decode time was pushed on, the picture keeps its own time, never one before it is decoded.
    const pts = Math.max(usToTicks(unit.ptsUs, VIDEO_TIMESCALE), dts);
    return [{ pts, dts, duration: this.#lastDuration, key: unit.key, data: unit.data }];
  }
}
