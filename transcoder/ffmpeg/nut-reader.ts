// Reads ffmpeg's output as it arrives: NUT with one stream becomes a Track and access units. NUT because
// its muxer writes a frame out at once; the fragmented MP4 muxer waits for the next one (33 ms at 30 fps).
import type { AccessUnit, Track } from '../../core/access-unit.ts';
import { opusPacketDurationUs } from '../../core/codec/opus.ts';
import { BarrageError } from '../../core/errors.ts';
import { NutCursor } from './nut-cursor.ts';
import { type NutFrame, readFrameHeader } from './nut-frame.ts';
import { type NutMain, type NutStream, readNutMain, readNutStream } from './nut-headers.ts';
import { annexBToUnitData, readNutTrack, type TrackHints } from './nut-track.ts';

/** Options of {@link NutReader}. */
export interface NutReaderOptions extends TrackHints {
  /** Media-clock time of the file's time 0, in microseconds. */
  readonly originUs: number;
  /** Largest packet or frame accepted (default 8 MiB). */
  readonly maxPacketBytes?: number;
  readonly onTrack: (track: Track) => void;
  readonly onUnit: (unit: AccessUnit) => void;
}

const FILE_ID = Buffer.from('nut/multimedia container\0', 'latin1');
const STARTCODE_BYTE = 0x4e;
const STARTCODE_BYTES = 8;
const CHECKSUM_BYTES = 4;
/** Above this a packet header carries its own checksum. */
const LONG_PACKET_BYTES = 4096;
const AAC_FRAME_SAMPLES = 1024;

// The second byte of a startcode tells the packets apart.
const MAIN = 0x4d;
const STREAM = 0x53;
const SYNCPOINT = 0x4b;

/** Incremental reader of a NUT with one stream; after it threw it is of no further use. */
export class NutReader {
  readonly #options: NutReaderOptions;
  readonly #maxPacketBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #wanted = FILE_ID.length;
  #started = false;
  #main: NutMain | undefined;
  #stream: NutStream | undefined;
  #track: Track | undefined;
  #lastPts = 0;

  constructor(options: NutReaderOptions) {
    this.#options = options;
    this.#maxPacketBytes = options.maxPacketBytes ?? 8 * 1024 * 1024;
  }

  /**
   * Takes bytes as they come; calls `onTrack` and `onUnit` for what they complete.
   * @throws BarrageError `BAD_REQUEST` on malformed or oversized input, `UNSUPPORTED_MEDIA` on a foreign codec.
   */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return;
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const data = only ?? Buffer.concat(this.#chunks, this.#held);
    let offset = 0;
    for (let size = this.#take(data); size > 0; size = this.#take(data.subarray(offset))) offset += size;
    const rest = data.subarray(offset);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#held = rest.length;
    this.#wanted = Math.max(this.#wanted, 1);
  }

  /** Handles one thing at the start of `data` and answers its size; 0 when it is not whole yet. */
  #take(data: Buffer): number {
    this.#wanted = data.length + 1;
    if (data.length === 0) return 0;
    if (!this.#started) return this.#takeFileId(data);
    return data[0] === STARTCODE_BYTE ? this.#takePacket(data) : this.#takeFrame(data);
  }

  #takeFileId(data: Buffer): number {
    if (data.length < FILE_ID.length) return 0;
    if (!data.subarray(0, FILE_ID.length).equals(FILE_ID))
      throw new BarrageError('BAD_REQUEST', 'not a NUT file');
    this.#started = true;
    return FILE_ID.length;
  }

  #takePacket(data: Buffer): number {
    const cursor = new NutCursor(data, STARTCODE_BYTES);
    const length = cursor.unsigned();
    if (data.length < STARTCODE_BYTES || cursor.short) return 0;
    if (length > LONG_PACKET_BYTES) cursor.bytes(CHECKSUM_BYTES);
    const end = cursor.offset + length;
    if (!this.#isWhole(data, end)) return 0;
    if (length < CHECKSUM_BYTES) throw new BarrageError('BAD_REQUEST', `NUT packet of ${length} bytes`);
    this.#handlePacket(data[1] as number, data.subarray(cursor.offset, end - CHECKSUM_BYTES));
    return end;
  }

  #handlePacket(type: number, body: Buffer): void {
    if (type === MAIN) this.#main = readNutMain(body);
    else if (type === STREAM) this.#handleStream(body);
    else if (type === SYNCPOINT) this.#handleSyncpoint(body);
  }

  #handleStream(body: Buffer): void {
    if (this.#main === undefined)
      throw new BarrageError('BAD_REQUEST', 'NUT: stream header before main header');
    const stream = readNutStream(body, this.#main);
    if (stream.id !== 0) throw new BarrageError('BAD_REQUEST', `NUT: stream ${stream.id}, expected only one`);
    // ffmpeg repeats its headers every now and then; the track is told once.
    const known = this.#stream !== undefined;
    this.#stream = stream;
    if (known) return;
    this.#track = readNutTrack(stream, this.#options);
    this.#options.onTrack(this.#track);
  }

  #handleSyncpoint(body: Buffer): void {
    const bases = this.#main?.timeBases ?? [];
    const coded = new NutCursor(body).unsigned();
    const base = bases[coded % Math.max(bases.length, 1)];
    if (base === undefined || this.#stream === undefined) {
      throw new BarrageError('BAD_REQUEST', 'NUT: syncpoint before the headers');
    }
    const { num, den } = this.#stream.timeBase;
    this.#lastPts = Math.floor((Math.floor(coded / bases.length) * base.num * den) / (base.den * num));
  }

  #takeFrame(data: Buffer): number {
    const [main, stream, track] = [this.#main, this.#stream, this.#track];
    if (main === undefined || stream === undefined || track === undefined) {
      throw new BarrageError('BAD_REQUEST', 'NUT: frame before the headers');
    }
    const frame = readFrameHeader(data, { main, stream, lastPts: this.#lastPts });
    if (frame === undefined) return 0;
    const end = frame.headerBytes + frame.size;
    if (!this.#isWhole(data, end)) return 0;
    this.#lastPts = frame.pts;
    this.#emit(frame, data.subarray(frame.headerBytes, end), { main, stream, track });
    return end;
  }

  #isWhole(data: Buffer, end: number): boolean {
    if (end > this.#maxPacketBytes) {
      throw new BarrageError(
        'BAD_REQUEST',
        `NUT packet of ${end} bytes, expected at most ${this.#maxPacketBytes}`,
      );
    }
    if (end > data.length) this.#wanted = end;
    return end <= data.length;
  }

  #emit(frame: NutFrame, rest: Buffer, { main, stream, track }: Headers): void {
    const elided = main.elisionHeaders[frame.headerIndex] as Buffer;
    const packet = elided.length > 0 ? Buffer.concat([elided, rest]) : rest;
    const data = track.codec === 'h264' ? annexBToUnitData(packet) : packet;
    if (data.length === 0) return;
    const timeUs = Math.round((frame.pts * stream.timeBase.num * 1_000_000) / stream.timeBase.den);
    // NUT has no decode times; none are needed, as the encoders are told to make no B-frames.
    const ptsUs = this.#options.originUs + timeUs;
    const key = track.kind === 'audio' || frame.key;
    this.#options.onUnit({ ptsUs, dtsUs: ptsUs, durationUs: durationOf(track, data), key, data });
  }
}

interface Headers {
  readonly main: NutMain;
  readonly stream: NutStream;
  readonly track: Track;
}

function durationOf(track: Track, data: Buffer): number {
  if (track.kind === 'video') return 0;
  if (track.codec === 'opus') return opusPacketDurationUs(data);
  return Math.round((AAC_FRAME_SAMPLES * 1_000_000) / track.sampleRate);
}
