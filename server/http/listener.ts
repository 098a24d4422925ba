// The socket side of the HTTP server: HTTP/1.1, or with a certificate TLS with HTTP/2 and HTTP/1.1.
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import { BarrageError } from '../../core/errors.ts';

/** How long a connection without a request is kept, ms: longer than proxies keep theirs, as fastify does. */
export const IDLE_TIMEOUT_MS = 72_000;

export interface ListenerSettings {
  readonly tls: { readonly cert?: string | undefined; readonly key?: string | undefined };
  readonly maxConnections: number;
  readonly requestTimeoutMs: number;
}

/** Who sees what arrives. */
export interface ListenerPorts {
  readonly handleRequest: RequestListener;
  /** A new connection of plain HTTP/1.1; `handOver` makes it one of the server. */
  readonly takeConnection: (socket: Socket, handOver: (socket: Socket) => void) => void;
}

/** A server that does not listen yet. @throws BarrageError `CONFIG_INVALID` (TLS files). */
export function createListener(settings: ListenerSettings, ports: ListenerPorts): Server {
  const { cert, key } = settings.tls;
  const server =
    cert === undefined || key === undefined
      ? createPlain(settings, ports)
      : createTls({ cert, key }, ports.handleRequest);
  server.maxConnections = settings.maxConnections;
  return server;
}

function createPlain({ requestTimeoutMs }: ListenerSettings, ports: ListenerPorts): Server {
  const options = { keepAliveTimeout: IDLE_TIMEOUT_MS, requestTimeout: requestTimeoutMs };
  const server = createServer(options, ports.handleRequest);
  // Node's own listener, which makes a connection one of HTTP: it is called later, or never.
  const [accept] = server.listeners('connection');
  if (!accept) throw new Error('the HTTP server takes no connections');
  server.removeAllListeners('connection');
  server.on('connection', (socket) => {
    ports.takeConnection(socket, (given) => accept.call(server, given));
  });
  return server;
}

function createTls(files: { readonly cert: string; readonly key: string }, handler: RequestListener): Server {
  const pems = { cert: readPem('cert', files.cert), key: readPem('key', files.key) };
  // HTTP/2's compatibility API stands in for requests and responses of HTTP/1.1.
  const server = createSecureServer({ ...pems, allowHTTP1: true }, handler as never);
  server.on('session', (session) => session.setTimeout(IDLE_TIMEOUT_MS, () => session.close()));
  return server as unknown as Server;
}

function readPem(name: 'cert' | 'key', file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BarrageError('CONFIG_INVALID', `http.tls.${name}: ${reason}`, { cause: error });
  }
}
