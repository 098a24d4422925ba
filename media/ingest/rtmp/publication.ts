// One admitted publication: RTMP media messages in, tracks and units of its target out. Knows no socket and
// no command; what it throws ends the publication, and the session says so.
import { isDeepStrictEqual } from 'node:util';
import type { AudioTrack, VideoTrack } from '../../../core/access-unit.ts';
import { BarrageError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/logger.ts';
import type { PublishTarget, SourceMetadata } from '../ingest-port.ts';
import { AudioUnits } from './audio-units.ts';
import { type AudioTag, parseAudioTag, parseVideoTag, type VideoTag } from './flv-tag.ts';
import { MESSAGE, type RtmpMessage } from './rtmp-message.ts';
import { SourceClock } from './source-clock.ts';
import { parseMetadata } from './source-metadata.ts';
import { VideoUnits } from './video-units.ts';

const FLV_TAG_HEADER_BYTES = 11;
const FLV_TAG_TRAILER_BYTES = 4;

type Frames<Tag> = Extract<Tag, { readonly kind: 'frames' }>;

/** Takes messages of a publisher in order. Throws `BAD_REQUEST` and `UNSUPPORTED_MEDIA`, and what the target throws. */
export class Publication {
  readonly #target: PublishTarget;
  readonly #logger: Logger;
  readonly #clock = new SourceClock();
  readonly #video = new VideoUnits();
  readonly #audio = new AudioUnits();
  readonly #warned = new Set<string>();
  #metadata: SourceMetadata = {};
  #ended = false;

  constructor(target: PublishTarget, logger: Logger) {
    this.#target = target;
    this.#logger = logger;
  }

  /** Takes a message; types that carry no media are passed over. */
  handle(message: RtmpMessage): void {
    switch (message.type) {
      case MESSAGE.video:
        this.#handleVideo(message);
        break;
      case MESSAGE.audio:
        this.#handleAudio(message);
        break;
      case MESSAGE.dataAmf0:
        this.#handleData(message.payload);
        break;
      case MESSAGE.dataAmf3:
        // AMF3 data messages open with a byte that says "AMF0 follows".
        this.#handleData(message.payload.subarray(1));
        break;
      case MESSAGE.aggregate:
        this.#handleAggregate(message);
    }
  }

  /** Tells the target once that the publisher is gone. */
  end(reason: string, clean: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#target.end(reason, clean);
  }

  #handleVideo({ payload, timestamp }: RtmpMessage): void {
    const tag = parseVideoTag(payload);
    if (tag.kind === 'skipped') this.#warnOnce(tag.why);
    else if (tag.kind === 'config') {
      this.#announce(this.#video.configure(tag.codec, tag.body, this.#metadata));
    } else if (tag.kind === 'frames') this.#writePicture(tag, timestamp);
  }

  #writePicture(tag: Frames<VideoTag>, timestamp: number): void {
    const dtsUs = this.#dtsUs(tag, timestamp);
    const frame = this.#video.frame(tag.codec, tag.body, this.#metadata);
    if (!frame) return;
    this.#announce(frame.track);
    const ptsUs = dtsUs + tag.compositionMs * 1000;
    this.#target.write('video', { ptsUs, dtsUs, durationUs: 0, key: frame.key, data: frame.data });
  }

  #handleAudio({ payload, timestamp }: RtmpMessage): void {
    const tag = parseAudioTag(payload);
    if (tag.kind === 'skipped') this.#warnOnce(tag.why);
    else if (tag.kind === 'config') {
      this.#announce(this.#audio.configure(tag.codec, tag.body, this.#metadata.audioKbps ?? 0));
    } else if (tag.kind === 'frames') this.#writeSound(tag, timestamp);
  }

  #writeSound(tag: Frames<AudioTag>, timestamp: number): void {
    const dtsUs = this.#dtsUs(tag, timestamp);
    const frame = this.#audio.frame(tag.codec, tag.body);
    if (!frame) return;
    this.#announce(frame.track);
    const { durationUs } = frame;
    this.#target.write('audio', { ptsUs: dtsUs, dtsUs, durationUs, key: true, data: tag.body });
  }

  #dtsUs(tag: { readonly nanoOffset: number }, timestamp: number): number {
    return this.#clock.toUs(timestamp) + Math.round(tag.nanoOffset / 1000);
  }

  #announce(track: VideoTrack | AudioTrack | undefined): void {
    if (track) this.#target.setTrack(track);
  }

  // Metadata is a courtesy: encoders get it wrong, and nothing depends on it.
  #handleData(payload: Buffer): void {
    try {
      const metadata = parseMetadata(payload);
      // Some muxers repeat it with every few frames.
      if (!metadata || isDeepStrictEqual(metadata, this.#metadata)) return;
      this.#metadata = metadata;
    } catch (error) {
      if (!(error instanceof BarrageError)) throw error;
      this.#warnOnce(`metadata: ${error.message}`);
      return;
    }
    this.#target.setMetadata(this.#metadata);
  }

  // RTMP 1.0 section 7.1.6: FLV tags, whose times count from the first tag's.
  #handleAggregate({ payload, timestamp, streamId }: RtmpMessage): void {
    let first: number | undefined;
    for (let at = 0; at < payload.length; ) {
      if (payload.length - at < FLV_TAG_HEADER_BYTES)
        throw new BarrageError('BAD_REQUEST', 'aggregate cut off');
      const type = payload.readUInt8(at);
      const start = at + FLV_TAG_HEADER_BYTES;
      const end = start + payload.readUIntBE(at + 1, 3);
      if (end > payload.length) throw new BarrageError('BAD_REQUEST', 'aggregate cut off');
      const time = payload.readUIntBE(at + 4, 3) + payload.readUInt8(at + 7) * 2 ** 24;
      first ??= time;
      const part = { type, streamId, timestamp: (timestamp + time - first) >>> 0 };
      if (type !== MESSAGE.aggregate) this.handle({ ...part, payload: payload.subarray(start, end) });
      at = end + FLV_TAG_TRAILER_BYTES;
    }
  }

  #warnOnce(why: string): void {
    if (this.#warned.has(why) || this.#warned.size >= 8) return;
    this.#warned.add(why);
    this.#logger.warn({ why }, 'part of the RTMP stream is passed over');
  }
}
