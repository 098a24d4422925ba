// A WebSocket client that costs next to nothing, so that thousands fit into a generator: plain `net`, one read
// buffer for all of them, no extensions. Not a general client: it trusts its server.
import { randomBytes } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import { encodeClientFrame, FrameReader, OPCODES } from './frame-reader.ts';

const CONNECT_TIMEOUT_MS = 30_000;
const READ_BYTES = 256 * 1024;
const HEAD_END = '\r\n\r\n';

/** Sockets are read one after another on one thread: they can share where the bytes go. */
const sharedRead = Buffer.allocUnsafe(READ_BYTES);

export interface LightSocketOptions {
  /** `ws://HOST:PORT/PATH`. */
  readonly url: string;
  readonly subprotocol?: string | undefined;
  /** A text or binary message; the payload is only valid until this returns. */
  readonly onMessage: (payload: Buffer) => void;
  /** Once, when the connection is gone: the close code, or what went wrong. */
  readonly onClosed: (reason: string) => void;
}

/** One connection. Whoever opened it closes it. */
export class LightSocket {
  readonly #options: LightSocketOptions;
  readonly #socket: Socket;
  readonly #reader = new FrameReader((opcode, payload) => this.#handle(opcode, payload));
  readonly #opened = Promise.withResolvers<void>();
  /** What came of the answer to the upgrade; undefined once it was read. */
  #head: string | undefined = '';
  #closeReason: string | undefined;

  private constructor(options: LightSocketOptions) {
    this.#options = options;
    const { hostname, port, pathname, search } = new URL(options.url);
    // One callback for every read, and no stream machinery: `onread` skips the readable side.
    const onread = {
      buffer: sharedRead,
      callback: (length: number, buffer: Uint8Array) => {
        this.#read(buffer.subarray(0, length) as Buffer);
        return true;
      },
    };
    this.#socket = createConnection({ host: hostname, port: Number(port), noDelay: true, onread });
    this.#socket.once('connect', () => this.#socket.write(this.#upgrade(`${pathname}${search}`)));
    this.#socket.on('error', (error) => this.#end((error as NodeJS.ErrnoException).code ?? error.message));
    this.#socket.once('close', () => this.#end('cut'));
  }

  /** Connects; throws with what the server answered when it does not take the upgrade. */
  static async open(options: LightSocketOptions): Promise<LightSocket> {
    const socket = new LightSocket(options);
    const timer = setTimeout(() => socket.#end(`no answer in ${CONNECT_TIMEOUT_MS} ms`), CONNECT_TIMEOUT_MS);
    try {
      await socket.#opened.promise;
      return socket;
    } finally {
      clearTimeout(timer);
    }
  }

  get isOpen(): boolean {
    return this.#closeReason === undefined;
  }

  /** Stops reading, as a viewer whose link is stuck: what the server sends piles up on its side. */
  pause(): void {
    this.#socket.pause();
  }

  sendText(text: string): void {
    this.#send(OPCODES.text, Buffer.from(text));
  }

  sendBinary(bytes: Buffer): void {
    this.#send(OPCODES.binary, bytes);
  }

  close(): void {
    if (!this.isOpen) return;
    this.#closeReason = 'closed here';
    const frame = encodeClientFrame(OPCODES.close, Buffer.from([0x03, 0xe8]));
    this.#socket.end(frame, () => this.#socket.destroy());
  }

  #send(opcode: number, payload: Buffer): void {
    if (this.isOpen) this.#socket.write(encodeClientFrame(opcode, payload));
  }

  #upgrade(path: string): string {
    const { host } = new URL(this.#options.url);
    const { subprotocol } = this.#options;
    return [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      ...(subprotocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${subprotocol}`]),
      '',
      '',
    ].join('\r\n');
  }

  #read(bytes: Buffer): void {
    try {
      if (this.#head === undefined) this.#reader.push(bytes);
      else this.#readHead(bytes);
    } catch (error) {
      this.#end((error as Error).message);
    }
  }

  #readHead(bytes: Buffer): void {
    const head = `${this.#head}${bytes.toString('latin1')}`;
    const end = head.indexOf(HEAD_END);
    this.#head = head;
    if (end < 0) return;
    if (!head.startsWith('HTTP/1.1 101 ')) {
      this.#end(`refused: ${head.split('\r\n')[0]}`);
      return;
    }
    this.#head = undefined;
    this.#opened.resolve();
    const rest = Buffer.from(head.slice(end + HEAD_END.length), 'latin1');
    if (rest.length > 0) this.#reader.push(rest);
  }

  #handle(opcode: number, payload: Buffer): void {
    if (opcode === OPCODES.text || opcode === OPCODES.binary) this.#options.onMessage(payload);
    else if (opcode === OPCODES.ping) this.#send(OPCODES.pong, payload);
    else if (opcode === OPCODES.close)
      this.#end(payload.length < 2 ? 'closed' : String(payload.readUInt16BE(0)));
  }

  #end(reason: string): void {
    this.#socket.destroy();
    if (!this.isOpen) return;
    this.#closeReason = reason;
    this.#opened.reject(new Error(`${this.#options.url}: ${reason}`));
    this.#options.onClosed(reason);
  }
}
