// The part that Enhanced RTMP audio and video headers share: ModEx, multitrack and FourCC. Pure.
import { BitReader } from '../../../core/codec/bit-reader.ts';

/** Where audio and video differ. */
export interface ExHeaderOptions {
  /** Packet type that announces a multitrack body. */
  readonly multitrackType: number;
  /** Whether no FourCC follows for a packet type (video commands). */
  readonly hasNoFourCc: (packetType: number) => boolean;
}

/** Header fields of track 0, and its body. */
export interface ExHeader {
  readonly packetType: number;
  readonly fourCc: string;
  readonly nanoOffset: number;
  readonly body: Buffer;
}

/** A message with nothing for us, and why. */
export interface ExSkipped {
  readonly why: string;
}

const MOD_EX = 7;
const TIMESTAMP_OFFSET_NANO = 0;
const MULTITRACK = { oneTrack: 0, manyTracks: 1, manyTracksManyCodecs: 2 } as const;

/**
 * Reads an extended header (Enhanced RTMP v2, "ExVideoTagHeader" and "ExAudioTagHeader"). Of a multitrack
 * message only track 0 is taken.
 * @throws BarrageError `BAD_REQUEST` when cut off
 */
export function readExHeader(payload: Buffer, options: ExHeaderOptions): ExHeader | ExSkipped {
  const reader = new BitReader(payload, 'Enhanced RTMP header');
  reader.skip(4);
  const { packetType, nanoOffset } = readModEx(reader);
  if (options.hasNoFourCc(packetType)) return { why: 'command' };
  if (packetType === options.multitrackType) return readMultitrack(reader, nanoOffset);
  return { packetType, nanoOffset, fourCc: readFourCc(reader), body: rest(reader) };
}

function readModEx(reader: BitReader): { packetType: number; nanoOffset: number } {
  let packetType = reader.read(4);
  let nanoOffset = 0;
  while (packetType === MOD_EX) {
    const short = reader.read(8) + 1;
    const data = reader.bytes(short === 256 ? reader.read(16) + 1 : short);
    const type = reader.read(4);
    packetType = reader.read(4);
    if (type === TIMESTAMP_OFFSET_NANO && data.length >= 3) nanoOffset = data.readUIntBE(0, 3);
  }
  return { packetType, nanoOffset };
}

function readMultitrack(reader: BitReader, nanoOffset: number): ExHeader | ExSkipped {
  const kind = reader.read(4);
  const packetType = reader.read(4);
  const shared = kind === MULTITRACK.manyTracksManyCodecs ? undefined : readFourCc(reader);
  const others: number[] = [];
  while (reader.left >= 8) {
    const fourCc = shared ?? readFourCc(reader);
    const track = reader.read(8);
    const body = kind === MULTITRACK.oneTrack ? rest(reader) : reader.bytes(reader.read(24));
    if (track === 0) return { packetType, nanoOffset, fourCc, body };
    others.push(track);
  }
  return { why: `only track 0 is taken, this is track ${others.slice(0, 8).join(', ')}` };
}

function readFourCc(reader: BitReader): string {
  return reader.bytes(4).toString('latin1');
}

function rest(reader: BitReader): Buffer {
  return reader.bytes(reader.left >> 3);
}
