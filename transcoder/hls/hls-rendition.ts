// One rendition as the HLS output keeps it: its window, whoever fills it now, and what it says of itself
// in the playlists. It outlives the rendition port it was made from.
import type { Track } from '../../core/access-unit.ts';
import type { Logger } from '../../core/logger.ts';
import type { RenditionPort } from '../../core/rendition.ts';
import type { Eras } from './eras.ts';
import type { HlsOptions } from './hls-options.ts';
import type { AudioLine, VideoLine } from './multivariant-playlist.ts';
import { buildMediaPlaylist } from './playlist.ts';
import { SegmentWindow } from './segment-window.ts';
import { Segmenter } from './segmenter.ts';

/** `interrupted`: the port closed, and may come back; `ended`: the playlist has its end. */
type State =
  | { readonly kind: 'live'; readonly segmenter: Segmenter }
  | { readonly kind: 'interrupted'; readonly reason: string; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'ended'; readonly reason: string };

export interface HlsRenditionOptions {
  readonly hls: HlsOptions;
  readonly eras: Eras;
  readonly logger: Logger;
  readonly firstSequence: (startUs: number) => number;
  /** Something that a playlist shows is different now. */
  readonly onChanged: () => void;
  /** The playlist has got its end. */
  readonly onEnded: () => void;
}

/** Measured numbers count once this many runs of segments are in; until then the nominal rate is a floor. */
const ENOUGH_SEGMENTS = 3;

export class HlsRendition {
  readonly id: string;
  readonly window: SegmentWindow;
  readonly #options: HlsRenditionOptions;
  #state: State;
  #track: Track;
  #droppedUnits = 0;

  constructor(port: RenditionPort, options: HlsRenditionOptions) {
    this.id = port.id;
    this.#options = options;
    this.#track = port.track;
    this.window = new SegmentWindow({
      targetUs: options.hls.segmentMs * 1000,
      windowSegments: options.hls.windowSegments,
      firstSequence: options.firstSequence,
    });
    this.window.on('segment', options.onChanged);
    this.#state = { kind: 'live', segmenter: this.#attach(port) };
  }

  get kind(): Track['kind'] {
    return this.#track.kind;
  }

  get state(): State['kind'] {
    return this.#state.kind;
  }

  /** Goes on under the same id with another port, behind a discontinuity. */
  resume(port: RenditionPort): void {
    this.#stop();
    const changed = !port.track.config.equals(this.#track.config);
    this.#track = port.track;
    this.#options.logger.info({ rendition: this.id, changed }, 'HLS rendition resumed');
    this.#state = { kind: 'live', segmenter: this.#attach(port) };
    this.#options.onChanged();
  }

  /** Lists gaps up to `us` when nothing has come for a while that the others have. */
  skipTo(us: number): void {
    if (this.#state.kind === 'live') this.#state.segmenter.skipTo(us);
  }

  /** Puts the end under the playlist. */
  end(reason: string): void {
    if (this.#state.kind === 'ended') return;
    this.#stop();
    this.#state = { kind: 'ended', reason };
    this.#options.onEnded();
  }

  /** Text of the media playlist; undefined while there is nothing to play in it. */
  playlist(): string | undefined {
    const { listed, playable, targetDurationS } = this.window;
    if (!playable) return undefined;
    return buildMediaPlaylist({ targetDurationS, segments: listed, ended: this.#state.kind === 'ended' });
  }

  /** The line of a video rendition in the multivariant playlist; undefined when it is audio. */
  videoLine(): VideoLine | undefined {
    const track = this.#track;
    if (track.kind !== 'video') return undefined;
    const { id } = this;
    const { codecString, width, height } = track;
    const measured = Math.round(this.window.bandwidth.sampleRate * 1000) / 1000;
    const frameRate = track.frameRate || measured;
    return { id, codecString, width, height, frameRate, ...this.#bitrates() };
  }

  /** The line of an audio rendition; undefined when it is video. */
  audioLine(): AudioLine | undefined {
    const track = this.#track;
    if (track.kind !== 'audio') return undefined;
    const { codecString, channels } = track;
    return { id: this.id, codecString, channels, ...this.#bitrates() };
  }

  describe(): Record<string, unknown> {
    const { window } = this;
    const { peakBps, averageBps } = window.bandwidth;
    const dropped = this.#state.kind === 'live' ? this.#state.segmenter.droppedUnits : 0;
    return {
      ...{ id: this.id, kind: this.kind, state: this.#state.kind, codec: this.#track.codecString },
      ...{ segments: window.segmentCount, bufferedBytes: window.bufferedBytes, peakBps, averageBps },
      ...{
        droppedUnits: this.#droppedUnits + dropped,
        endMs: window.endUs && Math.round(window.endUs / 1000),
      },
    };
  }

  /** Ends, and lets go of the media. */
  close(reason: string): void {
    this.end(reason);
    this.window.clear();
  }

  #attach(port: RenditionPort): Segmenter {
    const { hls, eras, logger, onChanged } = this.#options;
    return new Segmenter({
      ...{ rendition: port, window: this.window, eras, hls },
      logger: logger.child({ rendition: port.id }),
      onTrack: (track) => {
        this.#track = track;
        onChanged();
      },
      onClosed: (reason) => this.#interrupt(reason),
    });
  }

  #interrupt(reason: string): void {
    this.#stop();
    const timer = setTimeout(() => this.end(reason), this.#options.hls.graceMs);
    this.#state = { kind: 'interrupted', reason, timer };
  }

  #stop(): void {
    if (this.#state.kind === 'interrupted') clearTimeout(this.#state.timer);
    if (this.#state.kind !== 'live') return;
    this.#state.segmenter.close();
    this.#droppedUnits += this.#state.segmenter.droppedUnits;
  }

  #bitrates(): { peakBps: number; averageBps: number } {
    const { peakBps, averageBps, count } = this.window.bandwidth;
    const floorBps = count < ENOUGH_SEGMENTS ? this.#track.bitrateKbps * 1000 : 0;
    return { peakBps: Math.max(peakBps, floorBps), averageBps: Math.max(averageBps, floorBps) };
  }
}
