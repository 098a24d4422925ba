// One WebSocket as a session's link: shared frames straight to the socket, within bounds on what is unsent.
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Meter } from '../meter.ts';
import { CLOSE_CODES } from '../protocol/wire.ts';
import { encodeGap } from '../rooms/lane-batcher.ts';
import { buildFrame, type SharedFrame } from '../rooms/shared-frame.ts';
import type { SessionLink } from '../session/session-link.ts';
import { type BufferLimits, decideDelivery } from './backpressure.ts';
import { encodeTextFrame, sharedFrameBytes } from './text-frame.ts';

export interface WsConnectionOptions {
  readonly webSocket: WebSocket;
  /** The socket below the WebSocket. */
  readonly socket: Duplex;
  readonly limits: BufferLimits;
  readonly meter: Meter;
  readonly epoch: string;
  /** Everything unsent has gone out after totals had been left out. */
  readonly onCaughtUp: (link: SessionLink) => void;
}

interface Gap {
  readonly from: number;
  readonly to: number;
  readonly dropped: number;
}

/** A viewer's WebSocket. */
export class WsConnection implements SessionLink {
  readonly kind = 'websocket';
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  readonly #options: WsConnectionOptions;
  #gap: Gap | undefined;
  #missedPulse = false;
  /** Answered the last ping, or has been here for less than one interval. */
  isAlive = true;

  constructor(options: WsConnectionOptions) {
    this.#options = options;
    options.webSocket.on('pong', () => {
      this.isAlive = true;
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    options.webSocket.once('close', () => resolve());
    options.socket.on('drain', () => this.#catchUp());
  }

  get bufferedBytes(): number {
    return this.#options.socket.writableLength;
  }

  send(text: string): void {
    if (!this.#isOpen()) return;
    if (this.bufferedBytes > this.#options.limits.maxBufferedBytes) this.#giveUp();
    else this.#write(encodeTextFrame(text));
  }

  deliver(frame: SharedFrame): void {
    if (!this.#isOpen()) return;
    const delivery = decideDelivery(frame.lane, this.bufferedBytes, this.#options.limits);
    if (delivery === 'close') this.#giveUp();
    else if (delivery === 'thin') this.#widenGap(frame);
    else if (delivery === 'skip') this.#missedPulse = true;
    else {
      if (frame.lane === 'chat') this.#sendGap();
      this.#write(sharedFrameBytes(frame));
    }
  }

  /** Ends the connection with a close code; what is unsent goes out first, within the server's close timeout. */
  close(code: number, reason: string): void {
    if (!this.#isOpen()) return;
    this.#options.meter.countClose(code);
    this.#options.webSocket.close(code, truncateReason(reason));
  }

  /** Cuts the connection. */
  terminate(): void {
    this.#options.webSocket.terminate();
  }

  /** Asks for a sign of life; ends a connection that owes one. */
  checkAlive(): void {
    if (!this.isAlive) this.terminate();
    else if (this.#isOpen()) this.#options.webSocket.ping();
    this.isAlive = false;
  }

  #isOpen(): boolean {
    return this.#options.webSocket.readyState === this.#options.webSocket.OPEN;
  }

  #write(bytes: Buffer): void {
    const { socket } = this.#options;
    // What is written in one turn leaves with one system call, which is what writing costs most.
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(uncork, socket);
    }
    socket.write(bytes);
    this.#options.meter.countBytesOut('websocket', bytes.length);
  }

  #giveUp(): void {
    this.close(CLOSE_CODES.slowConsumer, 'this connection does not keep up with the room');
  }

  #widenGap(frame: SharedFrame): void {
    this.#options.meter.countThinned('connection', frame.count);
    this.#gap = {
      from: this.#gap?.from ?? frame.first,
      to: frame.last,
      dropped: (this.#gap?.dropped ?? 0) + frame.count,
    };
  }

  #sendGap(): void {
    if (!this.#gap) return;
    const json = encodeGap(this.#gap.from, this.#gap.to, this.#gap.dropped);
    this.#gap = undefined;
    this.#write(encodeTextFrame(buildFrame(this.#options.epoch, 'chat', [{ json, offset: 0 }]).text));
  }

  #catchUp(): void {
    if (!this.#isOpen()) return;
    this.#sendGap();
    if (!this.#missedPulse) return;
    this.#missedPulse = false;
    this.#options.onCaughtUp(this);
  }
}

function uncork(socket: Duplex): void {
  socket.uncork();
}

/** A close reason as the protocol allows it: at most 123 bytes of UTF-8 (RFC 6455 section 5.5). */
function truncateReason(reason: string): string {
  // Cutting may leave half a character, which decodes to the replacement character.
  return Buffer.from(reason)
    .subarray(0, 120)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
}
