// Cuts WebSocket frames out of what arrives on a client's socket (RFC 6455 section 5.2), without copying those
// that came whole. Servers send unmasked frames; a message in several frames is put together.

/** Longest payload taken; a server of the bench never sends nearly as much. */
const MAX_PAYLOAD = 16 * 1024 * 1024;
const FIN = 0x80;
const MASKED = 0x80;

/** Opcodes of RFC 6455 section 11.8. */
export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Takes a whole message or control frame; the payload is only valid until it returns. */
export type OnMessage = (opcode: number, payload: Buffer) => void;

/** One connection's reader. */
export class FrameReader {
  readonly #onMessage: OnMessage;
  /** Bytes of a frame that is not complete yet. */
  #rest: Buffer | undefined;
  #fragments: Buffer[] = [];
  #fragmentsOpcode = 0;

  constructor(onMessage: OnMessage) {
    this.#onMessage = onMessage;
  }

  /** Takes what arrived; the chunk may be written over afterwards. Throws on a frame no server may send. */
  push(chunk: Buffer): void {
    let bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    this.#rest = undefined;
    while (bytes.length > 0) {
      const header = readHeader(bytes);
      if (!header || bytes.length < header.headerLength + header.length) {
        this.#rest = Buffer.from(bytes);
        return;
      }
      const end = header.headerLength + header.length;
      this.#take(header, bytes.subarray(header.headerLength, end));
      bytes = bytes.subarray(end);
    }
  }

  #take({ isFinal, opcode }: FrameHeader, payload: Buffer): void {
    const isControl = opcode >= OPCODES.close;
    if (isControl || (isFinal && opcode !== OPCODES.continuation)) {
      this.#onMessage(opcode, payload);
      return;
    }
    if (opcode !== OPCODES.continuation) this.#fragmentsOpcode = opcode;
    this.#fragments.push(Buffer.from(payload));
    if (!isFinal) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = [];
    this.#onMessage(this.#fragmentsOpcode, whole);
  }
}

interface FrameHeader {
  readonly isFinal: boolean;
  readonly opcode: number;
  readonly headerLength: number;
  readonly length: number;
}

/** Undefined when the header itself is not complete. */
function readHeader(bytes: Buffer): FrameHeader | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes[0] as number, bytes[1] as number];
  if ((second & MASKED) !== 0) throw new Error('the server sent a masked frame');
  const short = second & 0x7f;
  const headerLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < headerLength) return undefined;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (length > MAX_PAYLOAD) throw new Error(`the server sent a frame of ${length} bytes`);
  return { isFinal: (first & FIN) !== 0, opcode: first & 0x0f, headerLength, length };
}

/**
 * A client's frame: complete and masked, as RFC 6455 section 5.3 asks. The mask is zero, which leaves the payload as
 * it is: masking protects proxies from scripts, and neither is here.
 */
export function encodeClientFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const headerLength = (length < 126 ? 2 : length < 65_536 ? 4 : 10) + 4;
  const frame = Buffer.alloc(headerLength + length);
  frame[0] = FIN | opcode;
  if (length < 126) frame[1] = MASKED | length;
  else if (length < 65_536) {
    frame[1] = MASKED | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = MASKED | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  payload.copy(frame, headerLength);
  return frame;
}
