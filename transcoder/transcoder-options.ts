// What a transcoder is given and what it tells of itself. Types only.
import type { Logger } from '../core/logger.ts';
import type { OpenRendition } from '../core/rendition.ts';
import type { LadderPlan } from './ladder/ladder-plan.ts';
import type { TranscoderSource } from './transcoder-source.ts';

/** Settings of a transcoder. */
export interface TranscoderSettings {
  /** Time without output, while input flows, after which ffmpeg is restarted. */
  readonly stallTimeoutMs: number;
  /** Wait before a restart: from `restartMinMs`, doubling, to `restartMaxMs`. */
  readonly restartMinMs: number;
  readonly restartMaxMs: number;
}

/** Options of a transcoder: the source renditions, what to make of them, and where it goes. */
export interface TranscoderOptions extends TranscoderSource {
  readonly plan: LadderPlan;
  readonly open: OpenRendition;
  readonly ffmpeg: { readonly path: string };
  readonly settings: TranscoderSettings;
  readonly logger: Logger;
}

/** What a transcoder is doing. */
export type TranscoderState =
  /** ffmpeg is being started, or waits for its first key frame. */
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly pid: number }
  /** ffmpeg ended or stalled and is started again after `delayMs`. */
  | { readonly kind: 'restarting'; readonly delayMs: number; readonly reason: string }
  /** Nothing is to be encoded: no ffmpeg is needed. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'closed'; readonly reason: string };

/** A snapshot for the API, the log and metrics. */
export interface TranscoderDescription {
  readonly state: TranscoderState;
  readonly rungs: readonly string[];
  /** Renditions open now. */
  readonly renditions: readonly string[];
  /** Media seconds per wall second; 0 when nothing runs. */
  readonly speed: number;
  readonly restarts: number;
  /** Source units that were dropped because ffmpeg did not keep up. */
  readonly droppedUnits: number;
}

export interface TranscoderEvents {
  state: [state: TranscoderState];
  /** ffmpeg did not keep up: the ladder was made smaller, as this plan says. */
  shrunk: [plan: LadderPlan];
  closed: [reason: string];
}
