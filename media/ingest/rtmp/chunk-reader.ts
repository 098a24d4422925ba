// Puts RTMP messages together from chunks (RTMP 1.0 section 5.3), within bounds: memory grows with the
// bytes that came, never with a length that was only announced. Knows nothing of what messages mean.
import { BarrageError } from '../../../core/errors.ts';
import { MESSAGE, type RtmpMessage } from './rtmp-message.ts';

/** Bounds and receiver of a {@link ChunkReader}. */
export interface ChunkReaderOptions {
  readonly minChunkBytes: number;
  readonly maxChunkBytes: number;
  readonly maxChunkStreams: number;
  readonly maxBufferedBytes: number;
  /** Largest message of a type, asked when its header comes in. */
  readonly maxBytesOf: (type: number) => number;
  readonly onMessage: (message: RtmpMessage) => void;
}

interface ChunkStream {
  timestamp: number;
  /** Added by the next message that has no timestamp of its own. */
  delta: number;
  /** The extended timestamp last read; undefined when the header did not use one. */
  extended: number | undefined;
  length: number;
  type: number;
  streamId: number;
  payload: Buffer;
  received: number;
  /** Bytes of the longest message that came whole: as much is reserved for the next one at once. */
  longest: number;
  /** In the middle of a message. */
  open: boolean;
}

const DEFAULT_CHUNK_BYTES = 128;
const FIRST_ALLOCATION = 4096;
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const;
const EXTENDED = 0xff_ffff;
const NOTHING: Buffer = Buffer.alloc(0);

/** Feed it bytes; it hands on messages. Throws `BAD_REQUEST` or `TOO_LARGE`, after which it is of no use. */
export class ChunkReader {
  readonly #options: ChunkReaderOptions;
  readonly #streams = new Map<number, ChunkStream>();
  readonly #head = Buffer.alloc(18);
  #headBytes = 0;
  #data = NOTHING;
  #at = 0;
  #chunkBytes = DEFAULT_CHUNK_BYTES;
  #current: ChunkStream | undefined;
  /** Payload bytes to come in the current chunk. */
  #left = 0;
  #buffered = 0;
  #paused = false;

  constructor(options: ChunkReaderOptions) {
    this.#options = options;
  }

  /** Memory held for unfinished messages. */
  get bufferedBytes(): number {
    return this.#buffered;
  }

  /** Takes bytes in; while paused they are kept for {@link resume}. */
  feed(data: Buffer): void {
    const rest = this.#data.subarray(this.#at);
    this.#data = rest.length === 0 ? data : Buffer.concat([rest, data]);
    this.#at = 0;
    this.#run();
  }

  /** Stops handing on messages, also in the middle of {@link feed}. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#run();
  }

  /** Pauses for good and lets go of all memory. */
  stop(): void {
    this.#paused = true;
    this.#streams.clear();
    this.#current = undefined;
    this.#data = NOTHING;
    this.#at = 0;
    this.#buffered = 0;
  }

  #run(): void {
    while (!this.#paused && this.#at < this.#data.length) {
      if (this.#current) this.#readPayload(this.#current);
      else if (this.#readHeader()) this.#beginChunk();
    }
    if (this.#at >= this.#data.length) {
      this.#data = NOTHING;
      this.#at = 0;
    }
  }

  /** Gathers header bytes; true once they are complete. */
  #readHeader(): boolean {
    for (let need = this.#headerBytes(); this.#headBytes < need; need = this.#headerBytes()) {
      const take = Math.min(need - this.#headBytes, this.#data.length - this.#at);
      if (take === 0) return false;
      this.#data.copy(this.#head, this.#headBytes, this.#at, this.#at + take);
      this.#headBytes += take;
      this.#at += take;
    }
    return true;
  }

  #headerBytes(): number {
    const basic = this.#basicBytes();
    if (this.#headBytes < basic) return basic;
    const format = this.#format();
    const size = basic + MESSAGE_HEADER_BYTES[format];
    if (this.#headBytes < size) return size;
    const extended =
      format === 3
        ? this.#streams.get(this.#chunkStreamId())?.extended !== undefined
        : this.#head.readUIntBE(basic, 3) === EXTENDED;
    return extended ? size + 4 : size;
  }

  #format(): 0 | 1 | 2 | 3 {
    return ((this.#head[0] as number) >> 6) as 0 | 1 | 2 | 3;
  }

  // 5.3.1.1: ids 2-63 in one byte, 64-319 in two, 64-65599 in three.
  #basicBytes(): number {
    if (this.#headBytes === 0) return 1;
    const low = (this.#head[0] as number) & 0x3f;
    return low === 0 ? 2 : low === 1 ? 3 : 1;
  }

  #chunkStreamId(): number {
    const basic = this.#basicBytes();
    if (basic === 1) return (this.#head[0] as number) & 0x3f;
    return 64 + (basic === 2 ? this.#head.readUInt8(1) : this.#head.readUInt16LE(1));
  }

  #beginChunk(): void {
    const format = this.#format();
    const id = this.#chunkStreamId();
    const stream = this.#streams.get(id) ?? this.#openStream(id, format);
    if (stream.open) this.#continueMessage(stream, format);
    else this.#beginMessage(stream, format);
    this.#headBytes = 0;
    this.#left = Math.min(this.#chunkBytes, stream.length - stream.received);
    this.#current = stream;
    if (this.#left === 0) this.#endChunk(stream);
  }

  #openStream(id: number, format: number): ChunkStream {
    // Some encoders start a chunk stream with format 1; 2 and 3 would leave length and type open.
    if (format > 1) throw malformed(`chunk stream ${id} starts with format ${format}`);
    if (this.#streams.size >= this.#options.maxChunkStreams) {
      throw tooLarge(`more than ${this.#options.maxChunkStreams} chunk streams`);
    }
    const fresh = { timestamp: 0, delta: 0, extended: undefined, length: 0, type: 0, streamId: 0 };
    const stream: ChunkStream = { ...fresh, payload: NOTHING, received: 0, longest: 0, open: false };
    this.#streams.set(id, stream);
    return stream;
  }

  #continueMessage(stream: ChunkStream, format: number): void {
    if (format !== 3) throw malformed(`a new message inside another on one chunk stream`);
    if (stream.extended === undefined) return;
    // 5.3.1.3 wants the extended timestamp again here, but not every encoder sends it: what does not
    // repeat it is payload, and is read again as such.
    if (this.#readExtended(0) !== stream.extended) this.#unread(4);
  }

  #readExtended(headerBytes: number): number {
    return this.#head.readUInt32BE(this.#basicBytes() + headerBytes);
  }

  #unread(count: number): void {
    if (this.#at >= count) {
      this.#at -= count;
      return;
    }
    const again = Buffer.from(this.#head.subarray(this.#headBytes - count, this.#headBytes));
    this.#data = Buffer.concat([again, this.#data.subarray(this.#at)]);
    this.#at = 0;
  }

  #beginMessage(stream: ChunkStream, format: 0 | 1 | 2 | 3): void {
    const basic = this.#basicBytes();
    if (format <= 1) {
      stream.length = this.#head.readUIntBE(basic + 3, 3);
      stream.type = this.#head.readUInt8(basic + 6);
    }
    if (format === 0) stream.streamId = this.#head.readUInt32LE(basic + 7);
    this.#readTimestamp(stream, format);
    const limit = this.#options.maxBytesOf(stream.type);
    if (stream.length > limit) {
      throw tooLarge(`message of type ${stream.type} with ${stream.length} bytes, allowed are ${limit}`);
    }
    stream.open = true;
    stream.received = 0;
  }

  #readTimestamp(stream: ChunkStream, format: 0 | 1 | 2 | 3): void {
    const fieldBytes = MESSAGE_HEADER_BYTES[format];
    if (format < 3) {
      const field = this.#head.readUIntBE(this.#basicBytes(), 3);
      stream.extended = field === EXTENDED ? this.#readExtended(fieldBytes) : undefined;
      stream.delta = stream.extended ?? field;
    } else if (stream.extended !== undefined) {
      stream.extended = this.#readExtended(fieldBytes);
      stream.delta = stream.extended;
    }
    // After a format 0 header the delta of format 3 is that header's timestamp (5.3.1.2.4).
    stream.timestamp = format === 0 ? stream.delta : (stream.timestamp + stream.delta) >>> 0;
  }

  #readPayload(stream: ChunkStream): void {
    const take = Math.min(this.#left, this.#data.length - this.#at);
    this.#reserve(stream, stream.received + take);
    this.#data.copy(stream.payload, stream.received, this.#at, this.#at + take);
    stream.received += take;
    this.#at += take;
    this.#left -= take;
    if (this.#left === 0) this.#endChunk(stream);
  }

  /**
   * Makes room for `bytes` of the message within the connection's bound: doubling up to its length, from what
   * messages of this chunk stream have needed before. So a frame is not copied while it grows, and yet nobody
   * reserves more than a multiple of what he sent.
   */
  #reserve(stream: ChunkStream, bytes: number): void {
    if (stream.payload.length >= bytes) return;
    const doubled = Math.max(bytes, stream.payload.length * 2, stream.longest, FIRST_ALLOCATION);
    const capacity = Math.min(stream.length, doubled);
    const buffered = this.#buffered + capacity - stream.payload.length;
    if (buffered > this.#options.maxBufferedBytes) {
      throw tooLarge(`more than ${this.#options.maxBufferedBytes} bytes of unfinished messages`);
    }
    const grown = Buffer.allocUnsafe(capacity);
    stream.payload.copy(grown, 0, 0, stream.received);
    stream.payload = grown;
    this.#buffered = buffered;
  }

  #endChunk(stream: ChunkStream): void {
    this.#current = undefined;
    if (stream.received < stream.length) return;
    const payload = stream.payload.subarray(0, stream.length);
    stream.longest = Math.max(stream.longest, stream.length);
    this.#forget(stream);
    const { type, streamId, timestamp } = stream;
    if (type === MESSAGE.setChunkSize) this.#setChunkSize(payload);
    else if (type === MESSAGE.abort) this.#abort(payload);
    else this.#options.onMessage({ type, streamId, timestamp, payload });
  }

  #forget(stream: ChunkStream): void {
    this.#buffered -= stream.payload.length;
    stream.payload = NOTHING;
    stream.received = 0;
    stream.open = false;
  }

  // 5.4.1: sizes above 0xFFFFFF mean the same as 0xFFFFFF, since no message is longer.
  #setChunkSize(payload: Buffer): void {
    if (payload.length < 4) throw malformed('Set Chunk Size without a size');
    const { minChunkBytes, maxChunkBytes } = this.#options;
    const asked = payload.readUInt32BE();
    const size = Math.min(asked, 0xff_ffff);
    if (asked > 0x7fff_ffff || size < minChunkBytes || size > maxChunkBytes) {
      throw malformed(`chunk size ${asked}, allowed are ${minChunkBytes} to ${maxChunkBytes}`);
    }
    this.#chunkBytes = size;
  }

  // 5.4.2
  #abort(payload: Buffer): void {
    if (payload.length < 4) throw malformed('Abort without a chunk stream');
    const stream = this.#streams.get(payload.readUInt32BE());
    if (stream) this.#forget(stream);
  }
}

function malformed(message: string): BarrageError {
  return new BarrageError('BAD_REQUEST', message);
}

function tooLarge(message: string): BarrageError {
  return new BarrageError('TOO_LARGE', message);
}
