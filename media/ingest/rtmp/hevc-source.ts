// HEVC as RTMP carries it: keeps the parameter sets, and makes access units without them.
import {
  buildHevcConfig,
  HEVC_NAL,
  hevcCodecString,
  hevcNalType,
  isHevcKeyNal,
  parseHevcConfig,
  parseHevcSps,
} from '../../../core/codec/hevc.ts';
import { forEachNal, keepNals } from '../../../core/codec/nal.ts';
import type { Picture, VideoShape, VideoSource } from './video-units.ts';

// Access unit delimiter, end of sequence, end of bitstream, filler.
const DROPPED = new Set<number>([HEVC_NAL.aud, 36, 37, 38]);

/** See {@link VideoSource}. One parameter set of each kind is kept, which is what encoders send. */
export class HevcSource implements VideoSource {
  readonly #sets = new Map<number, Buffer>();
  #record: Buffer | undefined;
  #lengthSize = 4;
  #frameRate = 0;
  #shape: VideoShape | undefined;

  get shape(): VideoShape | undefined {
    return this.#shape;
  }

  configure(record: Buffer): void {
    if (this.#record?.equals(record)) return;
    const config = parseHevcConfig(record);
    this.#sets.clear();
    for (const nal of [config.vps[0], config.sps[0], config.pps[0]]) if (nal) this.#add(nal);
    this.#lengthSize = config.nalLengthSize;
    this.#frameRate = config.frameRate;
    this.#record = Buffer.from(record);
    for (const sps of config.sps.slice(0, 1)) parseHevcSps(sps); // throws why it cannot be used
    this.#refresh();
  }

  picture(body: Buffer): Picture | undefined {
    const kept: Buffer[] = [];
    let key = false;
    let hasSlice = false;
    let setsChanged = false;
    const visit = (nal: Buffer): void => {
      const type = hevcNalType(nal);
      if (type >= HEVC_NAL.vps && type <= HEVC_NAL.pps) setsChanged = this.#add(nal) || setsChanged;
      else if (!DROPPED.has(type)) kept.push(nal);
      key ||= isHevcKeyNal(type);
      hasSlice ||= type < HEVC_NAL.vps;
    };
    forEachNal(body, visit, this.#lengthSize);
    if (setsChanged) this.#refresh();
    return hasSlice ? { data: keepNals(body, kept, this.#lengthSize), key } : undefined;
  }

  #add(nal: Buffer): boolean {
    const type = hevcNalType(nal);
    if (this.#sets.get(type)?.equals(nal)) return false;
    this.#sets.set(type, Buffer.from(nal));
    return true;
  }

  #refresh(): void {
    const [vps, sps, pps] = [HEVC_NAL.vps, HEVC_NAL.sps, HEVC_NAL.pps].map((type) => this.#sets.get(type));
    if (!vps || !sps || !pps) return;
    const config = buildHevcConfig(vps, sps, pps);
    if (this.#shape?.config.equals(config)) return;
    const info = parseHevcSps(sps);
    const { width, height } = info;
    this.#shape = { config, codecString: hevcCodecString(info), width, height, frameRate: this.#frameRate };
  }
}
