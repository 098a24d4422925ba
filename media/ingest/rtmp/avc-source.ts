// H.264 as RTMP carries it: keeps the parameter sets of the sequence header and of the stream itself, and
// makes access units without them.
import {
  AVC_NAL,
  avcCodecString,
  avcNalType,
  buildAvcConfig,
  parseAvcConfig,
  parseSps,
} from '../../../core/codec/avc.ts';
import { BitReader } from '../../../core/codec/bit-reader.ts';
import { forEachNal, keepNals, unescapeNal } from '../../../core/codec/nal.ts';
import { ParameterSets } from './parameter-sets.ts';
import type { Picture, VideoShape, VideoSource } from './video-units.ts';

// Access unit delimiter, end of sequence, end of stream, filler: no use outside a byte stream.
const DROPPED = new Set<number>([AVC_NAL.aud, 10, 11, 12, AVC_NAL.spsExtension]);
const MAX_SPS = 31;
const MAX_PPS = 255;

/** See {@link VideoSource}. Units that came with other length sizes leave with 4-byte lengths. */
export class AvcSource implements VideoSource {
  readonly #sps = new ParameterSets(MAX_SPS, (nal) => parseSps(nal).id);
  readonly #pps = new ParameterSets(MAX_PPS, readPpsId);
  #record: Buffer | undefined;
  #lengthSize = 4;
  #shape: VideoShape | undefined;

  get shape(): VideoShape | undefined {
    return this.#shape;
  }

  configure(record: Buffer): void {
    if (this.#record?.equals(record)) return;
    const config = parseAvcConfig(record);
    for (const sps of config.sps.slice(0, 1)) parseSps(sps); // throws why it cannot be used
    this.#sps.replace(config.sps);
    this.#pps.replace(config.pps);
    this.#lengthSize = config.nalLengthSize;
    this.#record = Buffer.from(record);
    this.#refresh();
  }

  picture(body: Buffer): Picture | undefined {
    const kept: Buffer[] = [];
    let key = false;
    let hasSlice = false;
    let setsChanged = false;
    const visit = (nal: Buffer): void => {
      const type = avcNalType(nal);
      if (type === AVC_NAL.sps) setsChanged = this.#sps.add(nal) || setsChanged;
      else if (type === AVC_NAL.pps) setsChanged = this.#pps.add(nal) || setsChanged;
      else if (!DROPPED.has(type)) kept.push(nal);
      key ||= type === AVC_NAL.idr;
      hasSlice ||= type >= AVC_NAL.slice && type <= AVC_NAL.idr;
    };
    forEachNal(body, visit, this.#lengthSize);
    if (setsChanged) this.#refresh();
    return hasSlice ? { data: keepNals(body, kept, this.#lengthSize), key } : undefined;
  }

  /** Makes the shape anew from the parameter sets, when that changes anything. */
  #refresh(): void {
    const [first] = this.#sps.nals;
    if (!first || this.#pps.nals.length === 0) return;
    const config = buildAvcConfig(this.#sps.nals, this.#pps.nals);
    if (this.#shape?.config.equals(config)) return;
    const { profileIdc: profile, constraints, levelIdc: level, width, height, frameRate } = parseSps(first);
    const codecString = avcCodecString({ profile, constraints, level });
    this.#shape = { config, codecString, width, height, frameRate };
  }
}

function readPpsId(nal: Buffer): number {
  return new BitReader(unescapeNal(nal.subarray(1, 16)), 'PPS').ue();
}
