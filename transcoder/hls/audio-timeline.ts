// The time line of an audio track: samples stand gap-free one behind the other, counted not timed. Time
// stamps only steer: their jitter is smoothed out, a slow drift followed, a hole filled with silence.
import type { AccessUnit, AudioTrack } from '../../core/access-unit.ts';
import { parseAudioSpecificConfig } from '../../core/codec/aac.ts';
import { opusPacketDurationUs } from '../../core/codec/opus.ts';
import type { FragmentUnit } from '../cmaf/fragment.ts';
import { findSilentFrame, type SilentFrame } from './silence.ts';
import { usToTicks } from './ticks.ts';
import type { TimelineStart, TrackTimeline } from './track-timeline.ts';

/** A time stamp this far off is believed: later means a hole, earlier a frame too many. */
export const AUDIO_TOLERANCE_US = 100_000;

/** Error that is jitter: RTMP rounds to milliseconds. */
const DEAD_BAND_US = 1_000;
/** The error is averaged over about this many frames. */
const SMOOTHING_FRAMES = 16;
/** Most that one frame's duration is bent to follow the clock: the slew of a settling media clock. */
const LARGEST_BEND = 0.02;

/** See {@link TrackTimeline}. Holds nothing back. */
export class AudioTimeline implements TrackTimeline {
  readonly timescale: number;
  readonly #frameTicksOf: (unit: AccessUnit) => number;
  readonly #silence: SilentFrame | undefined;
  readonly #toleranceTicks: number;
  readonly #deadBandTicks: number;
  readonly #notBefore: number;
  #end: number | undefined;
  #error = 0;

  constructor(track: AudioTrack, start: TimelineStart) {
    this.timescale = track.sampleRate;
    this.#frameTicksOf = frameTicks(track);
    this.#silence = findSilentFrame(track);
    this.#toleranceTicks = usToTicks(AUDIO_TOLERANCE_US, this.timescale);
    this.#deadBandTicks = usToTicks(DEAD_BAND_US, this.timescale);
    this.#notBefore = usToTicks(start.notBeforeUs, this.timescale);
  }

  settle(unit: AccessUnit): FragmentUnit[] {
    if (this.#end === undefined) return [];
    const wanted = usToTicks(unit.ptsUs, this.timescale);
    const hole = wanted - this.#end;
    if (hole <= this.#toleranceTicks) return [];
    this.#error = 0;
    const silence = this.#fill(this.#end, hole);
    // Without a silent frame the hole stays one: better a skip than sound that comes too early.
    if (silence.length === 0) this.#end = wanted;
    return silence;
  }

  take(unit: AccessUnit): FragmentUnit[] {
    const wanted = usToTicks(unit.ptsUs, this.timescale);
    const start = this.#end ?? Math.max(wanted, this.#notBefore);
    const error = wanted - start;
    if (error < -this.#toleranceTicks) return [];
    const natural = this.#frameTicksOf(unit);
    const duration = natural + this.#bend(error, natural);
    this.#end = start + duration;
    return [{ pts: start, dts: start, duration, key: true, data: unit.data }];
  }

  flush(): FragmentUnit[] {
    return [];
  }

  #bend(error: number, natural: number): number {
    this.#error += (error - this.#error) / SMOOTHING_FRAMES;
    if (Math.abs(this.#error) < this.#deadBandTicks) return 0;
    const largest = Math.max(1, Math.floor(natural * LARGEST_BEND));
    const bend = Math.trunc(Math.max(-largest, Math.min(largest, this.#error)));
    this.#error -= bend;
    return bend;
  }

  #fill(from: number, hole: number): FragmentUnit[] {
    if (!this.#silence) return [];
    const duration = usToTicks(this.#silence.durationUs, this.timescale);
    const samples: FragmentUnit[] = [];
    let at = from;
    for (; at + duration <= from + hole; at += duration) {
      samples.push({ pts: at, dts: at, duration, key: true, data: this.#silence.data });
    }
    this.#end = at;
    return samples;
  }
}

function frameTicks(track: AudioTrack): (unit: AccessUnit) => number {
  if (track.codec === 'opus') {
    return (unit) => usToTicks(opusPacketDurationUs(unit.data) || 20_000, track.sampleRate);
  }
  const { samplesPerFrame, sampleRate } = parseAudioSpecificConfig(track.config);
  const ticks = Math.round((samplesPerFrame * track.sampleRate) / sampleRate);
  return () => ticks;
}
