// One rendition as a room's feed sees it: its parameter sets, its size, and the slot it is sent in.
import type { AccessUnit, Track } from '../../core/access-unit.ts';
import { parseAvcConfig } from '../../core/codec/avc.ts';
import { toBarrageError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { RenditionPort } from '../../core/rendition.ts';
import type { PictureSize } from './layer-slots.ts';

/** What a {@link FeedSource} tells its owner. */
export interface FeedSourceOptions {
  readonly logger: Logger;
  readonly onUnit: (unit: AccessUnit) => void;
  /** The size may have changed. */
  readonly onTrack: () => void;
  /** The rendition closed, or changed to a codec that cannot be sent. */
  readonly onClosed: () => void;
}

let nextLane = 0;

/** Listens to a rendition until {@link FeedSource.close}. */
export class FeedSource {
  readonly kind: 'audio' | 'video';
  /** Unique in the process, so that a returning rendition does not inherit its predecessor's pace. */
  readonly lane = `lane-${nextLane++}`;
  /** Slot it is to take with its next key frame; undefined when there is none for it. */
  wantedSlot: number | undefined;
  /** Slot it is sent in now. */
  slot: number | undefined;
  readonly #rendition: RenditionPort;
  readonly #options: FeedSourceOptions;
  #parameterSets: readonly Buffer[] = [];
  #size: PictureSize | undefined;

  constructor(rendition: RenditionPort, options: FeedSourceOptions) {
    this.#rendition = rendition;
    this.#options = options;
    this.kind = rendition.track.kind;
    this.#takeTrack(rendition.track);
    rendition.on('unit', options.onUnit);
    rendition.on('track', this.#handleTrack);
    rendition.on('closed', options.onClosed);
  }

  /** SPS and PPS to send with every key frame; empty for sound. */
  get parameterSets(): readonly Buffer[] {
    return this.#parameterSets;
  }

  /** Undefined for sound, and when the parameter sets cannot be read. */
  get size(): PictureSize | undefined {
    return this.#size;
  }

  /** Waits for a key frame again. */
  restart(): void {
    this.slot = undefined;
  }

  close(): void {
    this.#rendition.off('unit', this.#options.onUnit);
    this.#rendition.off('track', this.#handleTrack);
    this.#rendition.off('closed', this.#options.onClosed);
  }

  readonly #handleTrack = (track: Track): void => {
    if (track.kind !== this.kind || (track.codec !== 'h264' && track.codec !== 'opus')) {
      this.#options.logger.warn(
        { rendition: this.#rendition.id, codec: track.codec },
        'codec cannot be sent',
      );
      this.#options.onClosed();
      return;
    }
    this.#takeTrack(track);
    this.#options.onTrack();
  };

  #takeTrack(track: Track): void {
    if (track.kind !== 'video') return;
    try {
      const config = parseAvcConfig(track.config);
      this.#parameterSets = [...config.sps, ...config.pps];
      this.#size = { width: track.width, height: track.height };
    } catch (error) {
      const { message } = toBarrageError(error);
      this.#options.logger.warn({ rendition: this.#rendition.id, message }, 'H.264 configuration unreadable');
      this.#size = undefined;
    }
  }
}
