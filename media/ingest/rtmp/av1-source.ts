// AV1 as RTMP carries it: keeps the sequence header, and makes temporal units without delimiters.
import {
  av1CodecString,
  buildAv1Config,
  isAv1KeyUnit,
  joinObus,
  OBU,
  type Obu,
  parseAv1Config,
  parseAv1Sequence,
  splitObus,
} from '../../../core/codec/av1.ts';
import type { Picture, VideoShape, VideoSource } from './video-units.ts';

/** See {@link VideoSource}. A record without a sequence header leaves the shape to the first key frame. */
export class Av1Source implements VideoSource {
  #sequence: Buffer | undefined;
  #shape: VideoShape | undefined;
  #reducedHeader = false;

  get shape(): VideoShape | undefined {
    return this.#shape;
  }

  configure(record: Buffer): void {
    parseAv1Config(record);
    this.#follow(splitObus(record.subarray(4)));
  }

  picture(body: Buffer): Picture | undefined {
    const obus = splitObus(body);
    this.#follow(obus);
    if (!obus.some(({ type }) => type === OBU.frame || type === OBU.frameHeader)) return undefined;
    return { data: joinObus(obus), key: isAv1KeyUnit(obus, this.#reducedHeader) };
  }

  /** Takes the sequence header among `obus`, when there is one and it is not the one in use. */
  #follow(obus: readonly Obu[]): void {
    const header = obus.find(({ type }) => type === OBU.sequenceHeader);
    if (!header || this.#sequence?.equals(header.payload)) return;
    const sequence = parseAv1Sequence(header.payload);
    const { width, height, frameRate } = sequence;
    const codecString = av1CodecString(sequence);
    this.#shape = { config: buildAv1Config(header), codecString, width, height, frameRate };
    this.#reducedHeader = sequence.reducedHeader;
    this.#sequence = Buffer.from(header.payload);
  }
}
