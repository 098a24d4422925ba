// A rendition: one encoded form of a stream's picture or sound, written by one producer, read by many.
import { EventEmitter } from 'node:events';
import type { AccessUnit, Track } from '../../core/access-unit.ts';
import type { RenditionEvents, RenditionWriter, SourceRenditionPort } from '../../core/rendition.ts';
import { BitrateMeter } from './bitrate-meter.ts';
import { GopCache } from './gop-cache.ts';

/** What a rendition is made with; `onClosed` tells the stream that owns it. */
export interface RenditionOptions {
  readonly id: string;
  readonly origin: 'source' | 'transcoded';
  readonly track: Track;
  /** Bound of the group of pictures kept for late sinks, in bytes; 0 keeps none. */
  readonly gopCacheBytes: number;
}

/** See {@link RenditionPort}. Units are handed to every sink in the call that writes them. */
export class Rendition extends EventEmitter<RenditionEvents> implements SourceRenditionPort, RenditionWriter {
  readonly id: string;
  readonly origin: 'source' | 'transcoded';
  #track: Track;
  #closed = false;
  readonly #meter = new BitrateMeter();
  readonly #gop: GopCache;

  constructor(options: RenditionOptions) {
    super();
    // Sinks are as many as outputs, a handful, but above Node's warning threshold in a busy stream.
    this.setMaxListeners(64);
    this.id = options.id;
    this.origin = options.origin;
    this.#track = options.track;
    this.#gop = new GopCache(options.gopCacheBytes);
  }

  get track(): Track {
    return this.#track;
  }

  get measuredBitrateBps(): number {
    return this.#meter.bitsPerSecond;
  }

  get closed(): boolean {
    return this.#closed;
  }

  gop(): readonly AccessUnit[] {
    return this.#gop.units;
  }

  setTrack(track: Track): void {
    if (this.#closed || isSameTrack(this.#track, track)) return;
    this.#track = track;
    this.#gop.clear();
    this.emit('track', track);
  }

  write(unit: AccessUnit): void {
    if (this.#closed) return;
    this.#meter.add(unit.data.length, unit.dtsUs);
    this.#gop.add(unit, this.#track.kind === 'audio');
    this.emit('unit', unit);
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#gop.clear();
    this.emit('closed', reason);
    this.removeAllListeners();
  }
}

function isSameTrack(a: Track, b: Track): boolean {
  if (a.codec !== b.codec || !a.config.equals(b.config)) return false;
  if (a.kind === 'video' && b.kind === 'video') return a.width === b.width && a.height === b.height;
  return true;
}
