// A rendition that a test writes into: the port the outputs subscribe to, without a stream behind it.
import { EventEmitter } from 'node:events';
import type { AccessUnit, Track } from '../../core/access-unit.ts';
import type { RenditionEvents, RenditionPort } from '../../core/rendition.ts';

export class FakeRendition extends EventEmitter<RenditionEvents> implements RenditionPort {
  readonly id: string;
  readonly origin = 'transcoded';
  readonly measuredBitrateBps = 0;
  track: Track;

  constructor(id: string, track: Track) {
    super();
    this.id = id;
    this.track = track;
  }

  write(unit: AccessUnit): void {
    this.emit('unit', unit);
  }

  setTrack(track: Track): void {
    this.track = track;
    this.emit('track', track);
  }

  close(reason = 'test over'): void {
    this.emit('closed', reason);
    this.removeAllListeners();
  }
}
