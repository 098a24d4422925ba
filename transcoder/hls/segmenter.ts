// Cuts one rendition into parts and segments on the media clock's grid, and writes them into its window.
// What a playlist or a request looks like is not its business.
import type { AccessUnit, Track } from '../../core/access-unit.ts';
import type { Logger } from '../../core/logger.ts';
import type { RenditionPort } from '../../core/rendition.ts';
import type { FragmentUnit } from '../cmaf/fragment.ts';
import { buildInitSegment } from '../cmaf/init-segment.ts';
import { AudioTimeline } from './audio-timeline.ts';
import type { Eras } from './eras.ts';
import type { HlsOptions } from './hls-options.ts';
import { PartBuilder } from './part-builder.ts';
import { audioGrid, cellToBegin, type SegmentGrid, videoGrid } from './segment-grid.ts';
import type { SegmentWindow } from './segment-window.ts';
import { ticksToUs } from './ticks.ts';
import type { TrackTimeline } from './track-timeline.ts';
import { VideoTimeline } from './video-timeline.ts';

export interface SegmenterOptions {
  readonly rendition: RenditionPort;
  readonly window: SegmentWindow;
  /** Shared by all renditions of the stream. */
  readonly eras: Eras;
  readonly hls: HlsOptions;
  readonly logger: Logger;
  /** The rendition closed; everything it had is in the window. */
  readonly onClosed: (reason: string) => void;
  /** The rendition's track changed. */
  readonly onTrack: (track: Track) => void;
}

/** A segment is cut even without a key frame when it is this many times the target: memory is bounded. */
const LONGEST_SEGMENT_TARGETS = 5;
/** Units that begin this much before what is published already are taken for its continuation. */
const OVERLAP_TOLERANCE_US = 20_000;
const BACKWARDS_US = 1_000_000;

type State =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running'; readonly timeline: TrackTimeline; readonly parts: PartBuilder }
  | { readonly kind: 'closed' };

/** See the head of the file. Lives from `start` until its rendition closes or it is closed. */
export class Segmenter {
  readonly #options: SegmenterOptions;
  readonly #window: SegmentWindow;
  readonly #grid: SegmentGrid;
  #state: State = { kind: 'waiting' };
  #cell = 0;
  #era: number | undefined;
  #initName: string | undefined;
  #flagged = true;
  #lastDtsUs = Number.NEGATIVE_INFINITY;
  #decodeEndUs: number;
  #fragments = 0;
  #pending = 0;
  #dropped = 0;

  constructor(options: SegmenterOptions) {
    this.#options = options;
    this.#window = options.window;
    const gridOf = options.rendition.track.kind === 'video' ? videoGrid : audioGrid;
    this.#grid = gridOf(options.hls.segmentMs * 1000);
    this.#era = options.window.era;
    this.#decodeEndUs = options.window.endUs ?? Number.NEGATIVE_INFINITY;
    options.rendition.on('unit', this.#handleUnit);
    options.rendition.on('track', this.#handleTrack);
    options.rendition.on('closed', this.#handleClosed);
  }

  /** Units thrown away: before a key frame, or behind what was published. */
  get droppedUnits(): number {
    return this.#dropped;
  }

  /**
   * Gives up on media before `us`, because the other renditions are well past it: what is open is
   * finished, and gaps are listed up to there.
   */
  skipTo(us: number): void {
    const endUs = this.#window.endUs;
    if (this.#state.kind === 'closed' || endUs === undefined || us <= endUs) return;
    this.#interrupt(undefined);
    this.#addGaps(us);
    this.#decodeEndUs = Math.max(this.#decodeEndUs, us);
  }

  /** Finishes what is open and lets go of the rendition. */
  close(): void {
    if (this.#state.kind === 'closed') return;
    this.#interrupt(undefined);
    this.#state = { kind: 'closed' };
    const { rendition } = this.#options;
    rendition.off('unit', this.#handleUnit);
    rendition.off('track', this.#handleTrack);
    rendition.off('closed', this.#handleClosed);
  }

  readonly #handleUnit = (unit: AccessUnit): void => {
    if (this.#state.kind === 'running' && this.#breaksOff(unit)) this.#interrupt(unit.dtsUs);
    if (unit.discontinuity) this.#flagged = true;
    if (this.#state.kind === 'waiting') this.#resume(unit);
    if (this.#state.kind !== 'running') {
      this.#dropped++;
      return;
    }
    this.#lastDtsUs = unit.dtsUs;
    const { timeline } = this.#state;
    for (const sample of timeline.settle(unit)) this.#add(sample, timeline.timescale);
    // Not only in #add: a video frame is held back there until the next one tells its duration.
    if (unit.key) this.#finishBefore(unit.ptsUs);
    for (const sample of timeline.take(unit)) this.#add(sample, timeline.timescale);
  };

  readonly #handleTrack = (track: Track): void => {
    this.#interrupt(undefined);
    this.#initName = undefined;
    this.#flagged = true;
    this.#options.onTrack(track);
  };

  readonly #handleClosed = (reason: string): void => {
    this.close();
    this.#options.onClosed(reason);
  };

  #breaksOff(unit: AccessUnit): boolean {
    const step = unit.dtsUs - this.#lastDtsUs;
    return unit.discontinuity === true || step > this.#grid.targetUs || step < -BACKWARDS_US;
  }

  #resume(unit: AccessUnit): void {
    const { rendition, hls } = this.#options;
    const { track } = rendition;
    if (track.kind === 'video' && !unit.key) return;
    if (unit.dtsUs < this.#decodeEndUs - OVERLAP_TOLERANCE_US) return;
    // Now, not when the segment begins: that is a frame later, and others may begin theirs in between.
    this.#enterEra(unit.ptsUs, this.#flagged);
    this.#flagged = false;
    const start = { notBeforeUs: this.#decodeEndUs };
    const timeline =
      track.kind === 'video' ? new VideoTimeline(track, start) : new AudioTimeline(track, start);
    const { timescale } = timeline;
    this.#initName ??= this.#window.addInit(buildInitSegment([{ trackId: 1, timescale, track }]));
    this.#state = { kind: 'running', timeline, parts: new PartBuilder({ timescale, partMs: hls.partMs }) };
  }

  /** Publishes what there is and waits for a fresh start; `nextDtsUs` is when the next unit begins. */
  #interrupt(nextDtsUs: number | undefined): void {
    if (this.#state.kind !== 'running') return;
    const { timeline } = this.#state;
    for (const sample of timeline.flush(nextDtsUs)) this.#add(sample, timeline.timescale);
    this.#finish();
    this.#state = { kind: 'waiting' };
  }

  #add(sample: FragmentUnit, timescale: number): void {
    if (this.#state.kind !== 'running') return;
    const startUs = ticksToUs(sample.pts, timescale);
    if (sample.key) this.#finishBefore(startUs);
    else this.#finishOverlong();
    if (!this.#window.open) this.#begin(startUs);
    this.#decodeEndUs = ticksToUs(sample.dts + sample.duration, timescale);
    this.#pending++;
    if (this.#state.parts.add(sample)) this.#flushPart();
  }

  /** Ends the open segment when a key frame at `ptsUs` belongs to the next. */
  #finishBefore(ptsUs: number): void {
    const { open } = this.#window;
    const cell = cellToBegin(ptsUs, open && { cell: this.#cell, startUs: open.startUs }, this.#grid);
    if (cell === undefined) return;
    if (open) this.#finish();
    this.#cell = cell;
  }

  #finishOverlong(): void {
    const { open } = this.#window;
    if (open && open.durationUs > this.#grid.targetUs * LONGEST_SEGMENT_TARGETS) this.#finish();
  }

  #begin(startUs: number): void {
    const era = this.#enterEra(startUs, false);
    // A hole inside an era is a gap that players can count; across eras the discontinuity says it all.
    if (era === this.#window.era) this.#addGaps(startUs);
    this.#window.begin({ startUs, era }, this.#initName ?? '');
  }

  #enterEra(startUs: number, flagged: boolean): number {
    this.#era = this.#options.eras.enter({ era: this.#era, startUs, flagged });
    return this.#era;
  }

  #addGaps(untilUs: number): void {
    const endUs = this.#window.endUs;
    if (endUs === undefined || untilUs - endUs < this.#grid.targetUs / 2) return;
    const { hls, logger } = this.#options;
    const count = Math.min(Math.ceil((untilUs - endUs) / this.#grid.targetUs), hls.windowSegments);
    const durationUs = Math.min((untilUs - endUs) / count, this.#grid.targetUs);
    logger.debug({ fromUs: endUs, untilUs, count }, 'media missing, gaps listed');
    for (let left = count; left > 0; left--) {
      const startUs = untilUs - left * durationUs;
      this.#window.addGap({ startUs, era: this.#enterEra(startUs, false) }, durationUs);
    }
  }

  #finish(): void {
    this.#flushPart();
    this.#window.finish();
  }

  #flushPart(): void {
    if (this.#state.kind !== 'running') return;
    const part = this.#state.parts.take(++this.#fragments);
    if (part) this.#window.addPart(part, this.#pending);
    this.#pending = 0;
  }
}
