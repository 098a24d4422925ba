// One connection below the level of commands: socket and codec joined, with acknowledgements, pings and the
// count of bytes. Takes no decision; its session does.
import type { Socket } from 'node:net';
import { BarrageError } from '../../../core/errors.ts';
import { parseCommand, type RtmpCommand } from './rtmp-command.ts';
import type { RtmpLimits } from './rtmp-limits.ts';
import { MESSAGE, type RtmpMessage, USER_CONTROL } from './rtmp-message.ts';
import { RtmpSocket } from './rtmp-socket.ts';
import { ACK_WINDOW_BYTES, RtmpWire } from './rtmp-wire.ts';

/** Bounds and receivers of an {@link RtmpConnection}. Whatever a receiver throws comes back to `onError`. */
export interface RtmpConnectionOptions {
  readonly limits: RtmpLimits;
  readonly maxBytesOf: (type: number) => number;
  /** Bytes came in; called before they are parsed. */
  readonly onBytes: (count: number) => void;
  /** The handshake is done; comes once, before the first command. */
  readonly onHandshake: () => void;
  readonly onCommand: (command: RtmpCommand, streamId: number) => void;
  /** Audio, video, data and aggregate messages, and those of unknown types. */
  readonly onMedia: (message: RtmpMessage) => void;
  readonly onSlowReader: () => void;
  readonly onError: (error: unknown) => void;
  /** The socket is closed; comes once and last. */
  readonly onGone: (error: Error | undefined) => void;
}

const MIN_ACK_WINDOW_BYTES = 64 * 1024;

/** `wire` writes the answers. */
export class RtmpConnection {
  readonly wire: RtmpWire;
  readonly #options: RtmpConnectionOptions;
  readonly #socket: RtmpSocket;
  #handshake: 'open' | 'done' = 'open';
  #bytesIn = 0;
  #bytesAcked = 0;
  #ackWindow = ACK_WINDOW_BYTES;

  constructor(socket: Socket, options: RtmpConnectionOptions) {
    const { limits } = options;
    this.#options = options;
    this.#socket = new RtmpSocket(socket, {
      maxWriteBytes: limits.maxWriteBytes,
      flushTimeoutMs: limits.flushTimeoutMs,
      onData: (data) => this.#handleData(data),
      onGone: options.onGone,
    });
    this.wire = new RtmpWire({
      ...limits,
      maxBytesOf: options.maxBytesOf,
      onMessage: (message) => this.#handleMessage(message),
      onOutput: (data) => {
        if (!this.#socket.write(data)) options.onSlowReader();
      },
    });
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress;
  }

  get bytesIn(): number {
    return this.#bytesIn;
  }

  /** Memory held for messages that are not complete yet. */
  get bufferedBytes(): number {
    return this.wire.reader.bufferedBytes;
  }

  /** Stops reading and parsing, also in the middle of what was read. */
  pause(): void {
    this.wire.reader.pause();
    this.#socket.pause();
  }

  resume(): void {
    this.#guard(() => this.wire.reader.resume());
    this.#socket.resume();
  }

  /** Parses nothing more and closes the socket; see {@link RtmpSocket.close}. */
  close(mode: 'now' | 'flush'): void {
    this.wire.reader.stop();
    this.#socket.close(mode);
  }

  #handleData(data: Buffer): void {
    this.#guard(() => {
      if (this.#bytesIn === 0 && data[0] !== 3) {
        const first = data.toString('hex', 0, 1);
        throw new BarrageError('BAD_REQUEST', `not RTMP: first byte 0x${first}, expected 0x03`);
      }
      this.#bytesIn += data.length;
      this.#options.onBytes(data.length);
      this.wire.feed(data);
      this.#checkHandshake();
      this.#acknowledge();
    });
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #checkHandshake(): void {
    if (this.#handshake === 'done' || !this.wire.handshakeDone) return;
    this.#handshake = 'done';
    this.#options.onHandshake();
  }

  // RTMP 1.0 section 5.4.3. Once a read at most, whatever window the client asked for.
  #acknowledge(): void {
    if (this.#bytesIn - this.#bytesAcked < this.#ackWindow) return;
    this.#bytesAcked = this.#bytesIn;
    this.wire.sendAck(this.#bytesIn);
  }

  #handleMessage(message: RtmpMessage): void {
    this.#checkHandshake();
    const { type, payload, streamId } = message;
    switch (type) {
      case MESSAGE.commandAmf0:
      case MESSAGE.commandAmf3:
        this.#options.onCommand(parseCommand(message), streamId);
        break;
      case MESSAGE.userControl:
        if (payload.length >= 6 && payload.readUInt16BE() === USER_CONTROL.pingRequest) {
          this.wire.sendPingResponse(payload.readUInt32BE(2));
        }
        break;
      case MESSAGE.windowAckSize:
        if (payload.length >= 4) this.#ackWindow = Math.max(payload.readUInt32BE(), MIN_ACK_WINDOW_BYTES);
        break;
      default:
        this.#options.onMedia(message);
    }
  }
}
