// Opus: its header in the two forms in use (OpusHead of Ogg, dOps of MP4) and the length of a packet.
import { BarrageError } from '../errors.ts';
import { BitReader } from './bit-reader.ts';

/** RFC 6381 codec string of Opus in MP4 and in browsers. */
export const OPUS_CODEC_STRING = 'opus';
/** Opus always runs on this clock (RFC 7587 4.1). */
export const OPUS_SAMPLE_RATE = 48_000;

const MAGIC = 'OpusHead';

/** What an Opus header says (RFC 7845 5.1). */
export interface OpusConfig {
  readonly channels: number;
  /** Samples at 48 kHz to throw away at the start. */
  readonly preSkip: number;
  /** Hz of the original input, for information; 0 when not known. */
  readonly inputSampleRate: number;
  /** Q7.8 dB to apply. */
  readonly outputGain: number;
  readonly mappingFamily: number;
  /** Stream count, coupled count and mapping; empty for family 0. */
  readonly mapping: Buffer;
}

/**
 * Parses a dOps payload (Opus in ISOBMFF 4.3.2), the form of `AudioTrack.config`.
 * @throws BarrageError `BAD_REQUEST` when cut off or without channels
 */
export function parseDops(dops: Buffer): OpusConfig {
  const reader = new BitReader(dops, 'dOps');
  const version = reader.read(8);
  if (version !== 0) throw new BarrageError('BAD_REQUEST', `dOps: version ${version}, expected 0`);
  const channels = reader.read(8);
  const preSkip = reader.read(16);
  const inputSampleRate = reader.read(32);
  const outputGain = (reader.read(16) << 16) >> 16;
  const mappingFamily = reader.read(8);
  if (channels === 0 || (mappingFamily === 0 && channels > 2)) {
    throw new BarrageError('BAD_REQUEST', `dOps: ${channels} channels in mapping family ${mappingFamily}`);
  }
  const mapping = mappingFamily === 0 ? Buffer.alloc(0) : reader.bytes(2 + channels);
  return { channels, preSkip, inputSampleRate, outputGain, mappingFamily, mapping };
}

/** Builds a dOps payload; mapping family 0 for one or two channels. */
export function buildDops(config: Pick<OpusConfig, 'channels'> & Partial<OpusConfig>): Buffer {
  const head = Buffer.alloc(11);
  head[1] = config.channels;
  head.writeUInt16BE(config.preSkip ?? 312, 2);
  head.writeUInt32BE(config.inputSampleRate ?? OPUS_SAMPLE_RATE, 4);
  head.writeInt16BE(config.outputGain ?? 0, 8);
  head[10] = config.mappingFamily ?? 0;
  return Buffer.concat([head, config.mapping ?? Buffer.alloc(0)]);
}

/**
 * An OpusHead packet (RFC 7845 5.1, little-endian, with magic) as dOps (big-endian, without).
 * @throws BarrageError `BAD_REQUEST` when it is not an OpusHead
 */
export function opusHeadToDops(head: Buffer): Buffer {
  if (head.length < 19 || head.toString('latin1', 0, 8) !== MAGIC) {
    throw new BarrageError('BAD_REQUEST', 'OpusHead: magic missing or too short');
  }
  const dops = Buffer.from(head.subarray(8));
  swapEnds(dops);
  dops[0] = 0;
  parseDops(dops);
  return dops;
}

/** A dOps payload as an OpusHead packet. */
export function dopsToOpusHead(dops: Buffer): Buffer {
  parseDops(dops);
  const body = Buffer.from(dops);
  swapEnds(body);
  body[0] = 1;
  return Buffer.concat([Buffer.from(MAGIC, 'latin1'), body]);
}

// preSkip, inputSampleRate and outputGain differ only in byte order between the two forms.
function swapEnds(body: Buffer): void {
  body.subarray(2, 4).reverse();
  body.subarray(4, 8).reverse();
  body.subarray(8, 10).reverse();
}

/** Duration of one Opus packet in microseconds from its TOC (RFC 6716 3.1); 0 for an empty packet. */
export function opusPacketDurationUs(packet: Buffer): number {
  const toc = packet[0];
  if (toc === undefined) return 0;
  return opusFrameDurationUs(toc >> 3) * opusFrameCount(toc & 3, packet);
}

function opusFrameDurationUs(config: number): number {
  if (config < 12) return [10_000, 20_000, 40_000, 60_000][config & 3] as number;
  if (config < 16) return config & 1 ? 20_000 : 10_000;
  return 2_500 * 2 ** (config & 3);
}

function opusFrameCount(code: number, packet: Buffer): number {
  if (code === 0) return 1;
  return code === 3 ? (packet[1] ?? 0) & 0x3f : 2;
}
