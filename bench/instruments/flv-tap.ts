// Notes when each coded picture leaves the publisher's encoder, by reading a copy of its FLV output. That
// share of glass-to-glass delay is the publisher's own, not the server's. Does not decode.

const FILE_HEADER_BYTES = 13;
const TAG_HEADER_BYTES = 11;
const TAG_TRAILER_BYTES = 4;
const VIDEO_TAG = 9;
const AVC_NALU = 1;
/** Frame type and codec, packet type, composition time. */
const AVC_HEADER_BYTES = 5;

/**
 * Called with each picture's presentation time relative to the first picture (ms), and its NAL units behind
 * 4-byte lengths.
 */
export type TapListener = (ptsMs: number, units: Buffer) => void;

/** An FLV reader fed with chunks; bounded by the largest tag. */
export class FlvTap {
  readonly #listener: TapListener;
  #buffer: Buffer = Buffer.alloc(0);
  #headerRead = false;
  #firstPtsMs: number | undefined;

  constructor(listener: TapListener) {
    this.#listener = listener;
  }

  push(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    if (!this.#headerRead) {
      if (this.#buffer.length < FILE_HEADER_BYTES) return;
      this.#buffer = this.#buffer.subarray(FILE_HEADER_BYTES);
      this.#headerRead = true;
    }
    while (this.#readTag());
  }

  #readTag(): boolean {
    if (this.#buffer.length < TAG_HEADER_BYTES) return false;
    const bodyBytes = this.#buffer.readUIntBE(1, 3);
    const tagBytes = TAG_HEADER_BYTES + bodyBytes + TAG_TRAILER_BYTES;
    if (this.#buffer.length < tagBytes) return false;
    if (this.#buffer[0] === VIDEO_TAG) this.#readVideo(this.#buffer.subarray(0, tagBytes));
    this.#buffer = this.#buffer.subarray(tagBytes);
    return true;
  }

  #readVideo(tag: Buffer): void {
    if (tag[TAG_HEADER_BYTES + 1] !== AVC_NALU) return;
    const dtsMs = tag.readUIntBE(4, 3) + tag.readUInt8(7) * 2 ** 24;
    const ptsMs = dtsMs + tag.readIntBE(TAG_HEADER_BYTES + 2, 3);
    this.#firstPtsMs ??= ptsMs;
    this.#listener(
      ptsMs - this.#firstPtsMs,
      tag.subarray(TAG_HEADER_BYTES + AVC_HEADER_BYTES, tag.length - TAG_TRAILER_BYTES),
    );
  }
}
