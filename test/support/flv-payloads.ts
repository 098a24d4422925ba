// Payloads of RTMP audio and video messages for tests: real configuration records, made-up frames.
import { joinNals } from '../../core/codec/nal.ts';

/** avcC of x264: high 1280x720 at 30, and constrained baseline 638x358. */
export const AVC_HIGH = Buffer.from(
  '0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8f800',
  'hex',
);
export const AVC_BASELINE = Buffer.from(
  '0142c01effe100176742c01ed900a02fea6c04400000fa40003a9803c58b9201000568cb83cb20',
  'hex',
);
/** hvcC of x265 (640x360), av1C of SVT-AV1 (640x360), OpusHead (stereo), AudioSpecificConfig (44.1 kHz stereo). */
export const HEVC = Buffer.from(
  '0101600000009000000000003ff000fcfdf8f800000b03a00001001840010c01ffff016000000300900000030000030' +
    '03f959809a10001002a42010101600000030090000003000003003fa00502016965959a4932bc05a020000003002000' +
    '00030321a2000100074401c172b46240',
  'hex',
);
export const AV1 = Buffer.from('81010c000a0b0000000cc4ff6700be0010', 'hex');
export const OPUS_HEAD = Buffer.from('4f707573486561640102380180bb0000000000', 'hex');
export const ASC = Buffer.from('1210', 'hex');

export const IDR = Buffer.from([0x65, 1, 2, 3]);
export const SLICE = Buffer.from([0x41, 1, 2, 3]);

/** A legacy H.264 sequence header. */
export function avcConfig(record: Buffer = AVC_HIGH): Buffer {
  return Buffer.concat([Buffer.from([0x17, 0, 0, 0, 0]), record]);
}

/** A legacy H.264 frame; `compositionMs` may be negative. The FLV key flag is set as `flag` says. */
export function avcFrame(
  nals: readonly Buffer[],
  compositionMs = 0,
  flag: 'key' | 'inter' = 'inter',
): Buffer {
  const head = Buffer.from([flag === 'key' ? 0x17 : 0x27, 1, 0, 0, 0]);
  head.writeIntBE(compositionMs, 2, 3);
  return Buffer.concat([head, joinNals(nals)]);
}

/** Legacy AAC: the configuration, and a frame. */
export function aacConfig(config: Buffer = ASC): Buffer {
  return Buffer.concat([Buffer.from([0xaf, 0]), config]);
}

export function aacFrame(data: Buffer = Buffer.from([0x21, 0x10])): Buffer {
  return Buffer.concat([Buffer.from([0xaf, 1]), data]);
}

/** An Enhanced RTMP video message. Packet types: 0 sequence start, 1 coded frames, 3 coded frames X. */
export function exVideo(packetType: number, fourCc: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x80 | (1 << 4) | packetType]), Buffer.from(fourCc, 'latin1'), body]);
}

/** An Enhanced RTMP audio message. Packet types: 0 sequence start, 1 coded frames. */
export function exAudio(packetType: number, fourCc: string, body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x90 | packetType]), Buffer.from(fourCc, 'latin1'), body]);
}
