// A rendition that plays encoded units over and over in real time, on the media clock, as late as asked.
import { EventEmitter } from 'node:events';
import type { Track } from '../../core/access-unit.ts';
import { systemClock } from '../../core/clock.ts';
import type { RenditionEvents, RenditionPort } from '../../core/rendition.ts';
import type { EncodedMedia } from './lavfi-units.ts';

/** What a {@link LoopedRendition} plays. */
export interface LoopedRenditionOptions {
  readonly id: string;
  readonly media: EncodedMedia;
  /** Length of one round; units beyond it are left out. */
  readonly loopUs: number;
  /** Media time of the first unit, Unix microseconds. */
  readonly startUs: number;
  /** How long after its media time each unit arrives. */
  readonly latenessUs?: number;
}

/** Plays until closed. */
export class LoopedRendition extends EventEmitter<RenditionEvents> implements RenditionPort {
  readonly id: string;
  readonly origin = 'transcoded';
  readonly measuredBitrateBps = 0;
  readonly track: Track;
  readonly #options: LoopedRenditionOptions;
  readonly #units: EncodedMedia['units'];
  #index = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LoopedRenditionOptions) {
    super();
    this.#options = options;
    this.#units = options.media.units.filter((unit) => unit.dtsUs < options.loopUs);
    this.id = options.id;
    this.track = options.media.track;
    this.#play();
  }

  close(reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.emit('closed', reason);
    this.removeAllListeners();
  }

  #play(): void {
    const { startUs, loopUs, latenessUs = 0 } = this.#options;
    for (;;) {
      const unit = this.#units[this.#index % this.#units.length]!;
      const shift = startUs + Math.floor(this.#index / this.#units.length) * loopUs;
      const waitUs = unit.dtsUs + shift + latenessUs - systemClock.nowUs();
      if (waitUs > 0) {
        this.#timer = setTimeout(() => this.#play(), Math.ceil(waitUs / 1000));
        return;
      }
      this.#index++;
      this.emit('unit', { ...unit, ptsUs: unit.ptsUs + shift, dtsUs: unit.dtsUs + shift });
    }
  }
}
