// One connection's RTMP codec: node-media-server's handshake and writers, with its chunk parser replaced by
// the bounded one. The only file that imports node-media-server. Owns no socket and takes no decision.
import codecLogger from 'node-media-server/src/core/logger.js';
import Rtmp from 'node-media-server/src/protocol/rtmp.js';
import { ChunkReader, type ChunkReaderOptions } from './chunk-reader.ts';
import { USER_CONTROL } from './rtmp-message.ts';

/** What a wire needs: the bounds of its parser, and where answers go. */
export interface RtmpWireOptions extends ChunkReaderOptions {
  readonly onOutput: (data: Buffer) => void;
}

/** Bytes either side may send before it wants an acknowledgement (RTMP 1.0 5.4.4). */
export const ACK_WINDOW_BYTES = 2_500_000;

// It starts at `debug` and prints to stdout; the codec's own errors reach us as exceptions.
codecLogger.level = 'error';

const HANDSHAKE_DONE = 3;
const MAX_DESCRIPTION = 200;
/** Codecs and abilities told to clients that speak Enhanced RTMP: decode and forward; ModEx, nano offset. */
const FOUR_CC_CAPS = 1 | 4;
const CAPS_EX = 4 | 8;

/** Parses what comes in and writes what goes out. `feed` throws what {@link ChunkReader} throws. */
export class RtmpWire {
  readonly reader: ChunkReader;
  readonly #codec: Rtmp;

  constructor(options: RtmpWireOptions) {
    this.reader = new ChunkReader(options);
    this.#codec = new GuardedRtmp(this.reader);
    this.#codec.onOutputCallback = options.onOutput;
  }

  /** Whether the client's side of the handshake is in. */
  get handshakeDone(): boolean {
    return this.#codec.handshakeState === HANDSHAKE_DONE;
  }

  feed(data: Buffer): void {
    this.#codec.parserData(data);
  }

  /** Control messages that open a connection; the chunk size must precede any longer answer. */
  sendSettings(): void {
    this.#codec.sendWindowACK(ACK_WINDOW_BYTES);
    this.#codec.setPeerBandwidth(ACK_WINDOW_BYTES, 2);
    this.#codec.setChunkSize(this.#codec.outChunkSize);
  }

  sendAck(bytes: number): void {
    this.#codec.sendACK(bytes >>> 0);
  }

  sendPingResponse(timestamp: number): void {
    this.#codec.sendStreamStatus(USER_CONTROL.pingResponse, timestamp);
  }

  sendStreamBegin(streamId: number): void {
    this.#codec.sendStreamStatus(USER_CONTROL.streamBegin, streamId);
  }

  /** Accepts `connect`. AMF0 is asked for whatever the client offered. */
  acceptConnect(transactionId: number, enhanced: boolean): void {
    const abilities = enhanced ? describeAbilities() : {};
    this.#codec.sendInvokeMessage(0, {
      cmd: '_result',
      transId: transactionId,
      cmdObj: { fmsVer: 'FMS/3,0,1,123', capabilities: 31, ...abilities },
      info: {
        level: 'status',
        code: 'NetConnection.Connect.Success',
        description: 'Connection succeeded.',
        objectEncoding: 0,
        ...abilities,
      },
    });
  }

  rejectConnect(transactionId: number, description: string): void {
    const code = 'NetConnection.Connect.Rejected';
    const info = { level: 'error', code, description: printable(description) };
    this.#codec.sendInvokeMessage(0, { cmd: '_error', transId: transactionId, cmdObj: null, info });
  }

  /** Answers a call; `result` is a stream id, or nothing. */
  sendResult(transactionId: number, result?: number): void {
    this.#codec.sendInvokeMessage(0, { cmd: '_result', transId: transactionId, cmdObj: null, info: result });
  }

  sendStatus(
    streamId: number,
    status: { level: 'status' | 'error'; code: string; description: string },
  ): void {
    const { level, code, description } = status;
    this.#codec.sendStatusMessage(streamId, level, code, printable(description));
  }

  sendFcPublish(): void {
    const info = { level: 'status', code: 'NetStream.Publish.Start', description: 'Ready to publish.' };
    this.#codec.sendInvokeMessage(0, { cmd: 'onFCPublish', transId: 0, cmdObj: null, info });
  }
}

/** node-media-server's codec with every byte after the handshake going to our reader. */
class GuardedRtmp extends Rtmp {
  readonly #reader: ChunkReader;

  constructor(reader: ChunkReader) {
    super();
    this.#reader = reader;
    this.flv = undefined;
  }

  override chunkRead(data: Buffer, position: number, bytes: number): null {
    this.#reader.feed(data.subarray(position, position + bytes));
    return null;
  }
}

function describeAbilities(): object {
  const fourCcList: string[] & { sarray?: boolean } = ['avc1', 'hvc1', 'av01', 'mp4a', 'Opus'];
  // node-media-server's mark for a strict array; without it the list is written as an ECMA array.
  Object.defineProperty(fourCcList, 'sarray', { value: true });
  return {
    fourCcList,
    videoFourCcInfoMap: { avc1: FOUR_CC_CAPS, hvc1: FOUR_CC_CAPS, av01: FOUR_CC_CAPS },
    audioFourCcInfoMap: { mp4a: FOUR_CC_CAPS, Opus: FOUR_CC_CAPS },
    capsEx: CAPS_EX,
  };
}

// node-media-server 4.4.3 writes a string's length in UTF-16 units before its UTF-8 bytes: ASCII only.
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_DESCRIPTION);
}
