// Writes uncompressed pictures and sound as live Matroska (RFC 9559), the simplest container that carries
// both with exact times through one pipe into ffmpeg. Writes what ffmpeg needs to read, nothing more.

/** Times are in ticks of 0.1 ms, so that neither 30 fps nor 44.1 kHz is rounded noticeably. */
export const TICKS_PER_MS = 10;
const TIMESTAMP_SCALE_NS = 1_000_000 / TICKS_PER_MS;
const UNKNOWN_SIZE = Buffer.from('01ffffffffffffff', 'hex');
/** Block times are signed 16 bit relative to their cluster: a new cluster well before they overflow. */
const CLUSTER_TICKS = 10_000;

export interface RawMatroskaOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly sampleRate: number;
}

export const VIDEO_TRACK = 1;
export const AUDIO_TRACK = 2;

/** Makes the bytes of one file; the caller writes them in order. */
export class RawMatroska {
  readonly #options: RawMatroskaOptions;
  #clusterStart: number | undefined;

  constructor(options: RawMatroskaOptions) {
    this.#options = options;
  }

  /** The file's beginning. */
  header(): Buffer {
    const { width, height, fps, sampleRate } = this.#options;
    const video = element('e0', uint('b0', width), uint('ba', height), text('2eb524', 'I420'));
    const audio = element('e1', float('b5', sampleRate), uint('9f', 2), uint('6264', 16));
    return Buffer.concat([
      element('1a45dfa3', text('4282', 'matroska'), uint('4287', 4), uint('4285', 2)),
      Buffer.from('18538067', 'hex'),
      UNKNOWN_SIZE,
      element(
        '1549a966',
        uint('2ad7b1', TIMESTAMP_SCALE_NS),
        text('4d80', 'barrage'),
        text('5741', 'barrage'),
      ),
      element(
        '1654ae6b',
        track(VIDEO_TRACK, 'V_UNCOMPRESSED', [uint('23e383', Math.round(1e9 / fps)), video]),
        track(AUDIO_TRACK, 'A_PCM/INT/LIT', [audio]),
      ),
    ]);
  }

  /** One picture or stretch of sound at `timeMs` from the start; preceded by a new cluster when due. */
  block(trackNumber: typeof VIDEO_TRACK | typeof AUDIO_TRACK, timeMs: number, data: Buffer): Buffer {
    const ticks = Math.round(timeMs * TICKS_PER_MS);
    const parts: Buffer[] = [];
    if (this.#clusterStart === undefined || ticks - this.#clusterStart > CLUSTER_TICKS) {
      this.#clusterStart = ticks;
      parts.push(Buffer.from('1f43b675', 'hex'), UNKNOWN_SIZE, uint('e7', ticks));
    }
    const head = Buffer.alloc(4);
    head.writeUInt8(0x80 | trackNumber, 0);
    head.writeInt16BE(ticks - this.#clusterStart, 1);
    head.writeUInt8(0x80, 3);
    parts.push(element('a3', head, data));
    return Buffer.concat(parts);
  }
}

function track(number: number, codec: string, rest: readonly Buffer[]): Buffer {
  const noLacing = uint('9c', 0);
  return element(
    'ae',
    uint('d7', number),
    uint('73c5', number),
    uint('83', number),
    noLacing,
    text('86', codec),
    ...rest,
  );
}

function element(id: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(0x0100_0000_0000_0000n | BigInt(body.length));
  return Buffer.concat([Buffer.from(id, 'hex'), size, body]);
}

function uint(id: string, value: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeBigUInt64BE(BigInt(value));
  return element(id, body);
}

function float(id: string, value: number): Buffer {
  const body = Buffer.alloc(8);
  body.writeDoubleBE(value);
  return element(id, body);
}

function text(id: string, value: string): Buffer {
  return element(id, Buffer.from(value));
}
