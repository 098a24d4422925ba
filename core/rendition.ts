// What a sink sees of a rendition: the port between media/ and the parts that read from a stream.
import type { EventEmitter } from 'node:events';
import type { AccessUnit, Track } from './access-unit.ts';

/** Events of a rendition, in decode order. `track` precedes the first unit that needs it. */
export interface RenditionEvents {
  unit: [unit: AccessUnit];
  track: [track: Track];
  closed: [reason: string];
}

/**
 * One encoded form of a stream's picture or sound: the source as it came, or a rung of the ladder.
 * Units arrive synchronously; a sink that cannot keep up wraps it in a reader with a bounded queue.
 */
export interface RenditionPort extends EventEmitter<RenditionEvents> {
  /** Stable within the stream: `source-video`, `source-audio`, `720p`, `360p`, `opus`, `aac`. */
  readonly id: string;
  readonly origin: 'source' | 'transcoded';
  readonly track: Track;
  /** Bits per second over the last seconds, as written. */
  readonly measuredBitrateBps: number;
}

/** A rendition as the publisher sent it: sinks that start late may begin with the group in progress. */
export interface SourceRenditionPort extends RenditionPort {
  /**
   * Units since the last key frame, oldest first (audio: the last second or so). Empty when there is no
   * key frame yet or the group outgrew its bound: then wait for the next key frame.
   */
  gop(): readonly AccessUnit[];
}

/** The writing side of a rendition, for whoever produces it. */
export interface RenditionWriter {
  setTrack(track: Track): void;
  write(unit: AccessUnit): void;
  close(reason: string): void;
}

/** Opens a further rendition of the stream a producer works for; the id is free again once it is closed. */
export type OpenRendition = (id: string, track: Track) => RenditionWriter;
