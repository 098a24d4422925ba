// The connections of a server, so that it can end: fastify waits for those that are kept alive, and for HTTP/2
// sessions for ever.
import type { Server } from 'node:http';
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** Time requests have to be answered once the server is closing, ms. */
const GRACE_MS = 1000;

/** Follows the sockets and HTTP/2 sessions of a server. */
export class OpenConnections {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<Http2Session>();

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session: Http2Session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
  }

  /** Ends what is idle now, and the rest after a grace period. */
  end(): void {
    // Missing on HTTP/2 servers, whose idle HTTP/1.1 connections wait for the grace period.
    this.#server.closeIdleConnections?.();
    for (const session of this.#sessions) session.close();
    setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, GRACE_MS).unref();
  }
}
