// Finds out what a publisher really sends, from its units: B-frames, key-frame distance, frame rate.
// Encoders' own words (metadata) are not believed. Decides nothing; the ladder is planned from this.
import { EventEmitter } from 'node:events';
import type { AccessUnit, AudioTrack, VideoTrack } from '../../core/access-unit.ts';
import { MAX_PASSTHROUGH_GOP_MS } from '../../core/passthrough-gop.ts';
import type { Rendition } from './rendition.ts';

/** What is known of the source. */
export interface SourceDescription {
  readonly video: VideoDescription | undefined;
  readonly audio: AudioTrack | undefined;
}

export interface VideoDescription {
  readonly track: VideoTrack;
  /** Some picture is presented later than it is decoded. */
  readonly hasBFrames: boolean;
  /** Longest distance between key frames so far, in ms, stalls left out; a group in progress counts as it is. */
  readonly gopMs: number;
  /** Measured, rounded to a usual rate; the track's own when it names one. */
  readonly frameRate: number;
}

export interface SourceProbeEvents {
  /** First when enough is known to plan, then whenever something that a plan depends on has changed. */
  described: [description: SourceDescription];
}

const FRAMES_NEEDED = 10;
/** The longest the probe waits for a second track or for frames, in media time. */
const PATIENCE_US = 600_000;
/** How much longer than its pictures a group may take: a source that stalls for a moment has no other encoder. */
const STALL_ALLOWANCE_US = 2_000_000;
/** Distances between pictures that tell their usual one. */
const GAPS_KEPT = 60;
const USUAL_RATES = [10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 90, 120];

/** Watches the source renditions of a stream; one probe for each time the stream goes live. */
export class SourceProbe extends EventEmitter<SourceProbeEvents> {
  #video: { track: VideoTrack; frames: FrameStatistics } | undefined;
  #audio: AudioTrack | undefined;
  #firstUs: number | undefined;
  #described: Decisive | undefined;
  readonly #cleanups: (() => void)[] = [];

  /** Takes a source rendition in; forgets it again when it closes. */
  watch(rendition: Rendition): void {
    const handleTrack = (): void => this.#setTrack(rendition.track);
    const handleUnit = (unit: AccessUnit): void => this.#handleUnit(rendition.track.kind, unit);
    const handleClosed = (): void => this.#removeTrack(rendition.track.kind);
    handleTrack();
    rendition.on('track', handleTrack).on('unit', handleUnit).once('closed', handleClosed);
    this.#cleanups.push(() => {
      rendition.off('track', handleTrack).off('unit', handleUnit).off('closed', handleClosed);
    });
  }

  close(): void {
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
    this.removeAllListeners();
  }

  #setTrack(track: VideoTrack | AudioTrack): void {
    if (track.kind === 'audio') this.#audio = track;
    else this.#video = { track, frames: new FrameStatistics() };
    // What was known of the old track says nothing of the new one: gather evidence afresh.
    this.#described = undefined;
    this.#firstUs = undefined;
  }

  #removeTrack(kind: 'video' | 'audio'): void {
    if (kind === 'audio') this.#audio = undefined;
    else this.#video = undefined;
    if (this.#described !== undefined && (this.#video || this.#audio)) this.#describe();
  }

  #handleUnit(kind: 'video' | 'audio', unit: AccessUnit): void {
    this.#firstUs ??= unit.dtsUs;
    if (kind === 'video') this.#video?.frames.add(unit);
    const waitedUs = unit.dtsUs - this.#firstUs;
    const frames = this.#video?.frames.count ?? 0;
    const isComplete = frames >= FRAMES_NEEDED && this.#audio !== undefined;
    if (this.#described !== undefined || isComplete || waitedUs >= PATIENCE_US) this.#describe();
  }

  // Runs for each unit of every stream: nothing is put together unless there is something to tell.
  #describe(): void {
    const { track, frames } = this.#video ?? {};
    const decisive: Decisive = {
      video: track,
      audio: this.#audio,
      hasBFrames: frames?.hasBFrames ?? false,
      hasLongGop: (frames?.gopMs ?? 0) > MAX_PASSTHROUGH_GOP_MS,
    };
    if (this.#described && isSame(this.#described, decisive)) return;
    this.#described = decisive;
    const video = track &&
      frames && {
        ...{ track, hasBFrames: frames.hasBFrames, gopMs: frames.gopMs },
        frameRate: track.frameRate || frames.frameRate,
      };
    this.emit('described', { video, audio: this.#audio });
  }
}

/** What a plan depends on; tracks are told apart by identity, since a rendition tells only of real changes. */
interface Decisive {
  readonly video: VideoTrack | undefined;
  readonly audio: AudioTrack | undefined;
  readonly hasBFrames: boolean;
  readonly hasLongGop: boolean;
}

function isSame(a: Decisive, b: Decisive): boolean {
  const isSameSource = a.video === b.video && a.audio === b.audio;
  return isSameSource && a.hasBFrames === b.hasBFrames && a.hasLongGop === b.hasLongGop;
}

/** Running statistics of a video track's units. */
class FrameStatistics {
  count = 0;
  hasBFrames = false;
  #gapsUs: number[] = [];
  #lastDtsUs: number | undefined;
  #lastKeyUs: number | undefined;
  #sinceKey = 0;
  #longestGopUs = 0;
  #usualGapUs = 0;

  get gopMs(): number {
    return Math.round(this.#longestGopUs / 1000);
  }

  get frameRate(): number {
    if (this.#usualGapUs === 0) return 0;
    const measured = 1e6 / this.#usualGapUs;
    return USUAL_RATES.find((rate) => Math.abs(rate - measured) < rate * 0.04) ?? Math.round(measured);
  }

  add(unit: AccessUnit): void {
    this.count++;
    // Fractions of a frame are a container's rounding, not reordering.
    if (unit.ptsUs - unit.dtsUs > 5000) this.hasBFrames = true;
    if (unit.discontinuity) this.#lastKeyUs = this.#lastDtsUs = undefined;
    if (this.#lastDtsUs !== undefined && this.#gapsUs.length < GAPS_KEPT)
      this.#addGap(unit.dtsUs - this.#lastDtsUs);
    this.#lastDtsUs = unit.dtsUs;
    this.#sinceKey++;
    if (this.#lastKeyUs !== undefined) {
      const elapsedUs = unit.dtsUs - this.#lastKeyUs;
      const playingUs = Math.min(elapsedUs, this.#sinceKey * this.#usualGapUs);
      this.#longestGopUs = Math.max(this.#longestGopUs, playingUs, elapsedUs - STALL_ALLOWANCE_US);
    }
    if (unit.key) {
      this.#lastKeyUs = unit.dtsUs;
      this.#sinceKey = 0;
    }
  }

  #addGap(gapUs: number): void {
    this.#gapsUs.push(gapUs);
    const sorted = this.#gapsUs.toSorted((a, b) => a - b);
    this.#usualGapUs = sorted[sorted.length >> 1] ?? 0;
  }
}
