// WebSockets at /live/ROOM/ws: takes the upgrade, makes a session for each connection, keeps them alive, and
// sends everyone away when the server drains. What is said over them is the session's business.
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { BarrageError, toBarrageError } from '../../core/errors.ts';
import type { Closable } from '../../core/lifecycle.ts';
import { CLOSE_CODES } from '../protocol/wire.ts';
import { remoteAddressOf, viewerKeyOf } from '../request-origin.ts';
import type { OpenRoom, OpenRooms } from '../rooms/open-rooms.ts';
import { Session, type SessionServices } from '../session/session.ts';
import type { BufferLimits } from './backpressure.ts';
import { type ConnectionBounds, ConnectionCounts } from './connection-counts.ts';
import { WsConnection } from './ws-connection.ts';

/** Time a closing connection has to take its close frame before it is cut, ms. */
const CLOSE_TIMEOUT_MS = 5000;

/** Time viewers have to leave when the server drains, ms. */
const DRAIN_TIMEOUT_MS = 1500;

const PATH = /^\/live\/([^/?]+)\/ws(?:\?.*)?$/;

export interface WsSettings extends ConnectionBounds, BufferLimits {
  readonly maxFrameBytes: number;
  readonly helloTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly trustedProxies: number;
}

export interface WsServerOptions {
  readonly rooms: OpenRooms;
  readonly services: SessionServices;
  readonly settings: WsSettings;
}

/** Something that emits `upgrade`: an HTTP server. */
export interface UpgradeSource {
  on(event: 'upgrade', listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown;
}

interface Peer {
  readonly connection: WsConnection;
  readonly session: Session;
}

/** The WebSocket side of the server; owns its connections. */
export class WsServer implements Closable {
  readonly #options: WsServerOptions;
  readonly #server: WebSocketServer;
  readonly #counts: ConnectionCounts;
  readonly #peers = new Set<Peer>();
  readonly #heartbeat: NodeJS.Timeout;
  #draining = false;

  constructor(options: WsServerOptions) {
    const { settings } = options;
    this.#options = options;
    this.#counts = new ConnectionCounts(settings);
    const wsOptions = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: settings.maxFrameBytes,
      // Missing from the types of ws 8.18, which is what @types/ws describes.
      closeTimeout: CLOSE_TIMEOUT_MS,
    };
    this.#server = new WebSocketServer(wsOptions);
    this.#heartbeat = setInterval(() => this.#beat(), settings.heartbeatMs).unref();
  }

  /** Connections open now. */
  get size(): number {
    return this.#counts.total;
  }

  /** Unsent bytes of all connections together. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const { connection } of this.#peers) bytes += connection.bufferedBytes;
    return bytes;
  }

  /** Takes the upgrades of an HTTP server. */
  attach(source: UpgradeSource): void {
    source.on('upgrade', (request, socket, head) => this.#handleUpgrade(request, socket, head));
  }

  /**
   * Takes nobody in any more and asks everyone to come back, elsewhere or later. Resolves when all have gone;
   * who does not go in time is cut off.
   */
  async drain(): Promise<void> {
    this.#draining = true;
    const peers = [...this.#peers];
    const gone = Promise.all(peers.map(({ connection }) => connection.closed));
    for (const { session } of peers) session.close(CLOSE_CODES.draining, 'the server is going down');
    await Promise.race([gone, setTimeout(DRAIN_TIMEOUT_MS, undefined, { ref: false })]);
    for (const { connection } of this.#peers) connection.terminate();
  }

  async close(_reason: string): Promise<void> {
    await this.drain();
    clearInterval(this.#heartbeat);
    this.#server.close();
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without a listener an error on the socket before the WebSocket exists would end the process.
    socket.on('error', () => socket.destroy());
    try {
      const room = this.#requireRoom(request.url ?? '');
      const address = remoteAddressOf(request, this.#options.settings.trustedProxies);
      const leave = this.#counts.enter(address);
      socket.once('close', leave);
      this.#server.handleUpgrade(request, socket, head, (webSocket) =>
        this.#welcome({ webSocket, socket, request, room, address }),
      );
    } catch (error) {
      this.#refuse(socket, toBarrageError(error));
    }
  }

  #requireRoom(url: string): OpenRoom {
    if (this.#draining) throw new BarrageError('UNAVAILABLE', 'the server is going down');
    const id = PATH.exec(url)?.[1];
    if (id === undefined) throw new BarrageError('NOT_FOUND', 'WebSockets are at /live/ROOM/ws');
    return this.#options.rooms.open(decodePart(id));
  }

  #welcome(guest: {
    readonly webSocket: WebSocket;
    readonly socket: Duplex;
    readonly request: IncomingMessage;
    readonly room: OpenRoom;
    readonly address: string;
  }): void {
    const { services, settings } = this.#options;
    const { webSocket, socket, request, room, address } = guest;
    const connection = new WsConnection({
      webSocket,
      socket,
      limits: settings,
      meter: services.meter,
      epoch: room.room.epoch,
      onCaughtUp: (link) => session.resendTotals(link),
    });
    const session = new Session({
      services,
      room,
      remoteAddress: address,
      hasWebSocket: true,
      presenceKey: viewerKeyOf(request, address),
      onClosed: (code, reason) => connection.close(code, reason),
    });
    this.#follow(webSocket, { connection, session });
  }

  #follow(webSocket: WebSocket, peer: Peer): void {
    const { connection, session } = peer;
    this.#peers.add(peer);
    const deadline = startTimer(() => {
      if (!session.isJoined) session.close(CLOSE_CODES.idle, 'no hello came in time');
    }, this.#options.settings.helloTimeoutMs);
    webSocket.on('message', (data, isBinary) =>
      session.handleFrame(isBinary ? '' : readText(data), connection),
    );
    // Errors of the protocol or the socket: ws closes by itself, with 1009 for what is too large.
    webSocket.on('error', (error) => {
      this.#options.services.logger.debug({ session: session.id, error }, 'WebSocket failed');
    });
    webSocket.once('close', () => {
      clearTimeout(deadline);
      this.#peers.delete(peer);
      session.linkClosed(connection, 'WebSocket closed');
    });
  }

  #beat(): void {
    const nowMs = Date.now();
    for (const { connection, session } of [...this.#peers]) {
      if (session.expiresAtMs <= nowMs) session.close(CLOSE_CODES.unauthorized, 'token has expired');
      connection.checkAlive();
    }
  }

  #refuse(socket: Duplex, error: BarrageError): void {
    this.#options.services.meter.countRefusal('http', error.code);
    const body = JSON.stringify({ status: error.status, code: error.code, detail: error.message });
    const head = [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  }
}

function readText(data: RawData): string {
  return Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString();
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray % names no room; as it stands the text finds none either.
    return part;
  }
}
