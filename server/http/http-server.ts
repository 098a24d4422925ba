// The HTTP server: one fastify instance with every route, and HLS files before it. Fastify is known in this folder
// only.
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { BarrageError } from '../../core/errors.ts';
import { createUlid } from '../../core/ids.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { Logger } from '../../core/logger.ts';
import type { Gate } from '../auth/gate.ts';
import type { Meter } from '../meter.ts';
import type { UpgradeSource } from '../ws/ws-server.ts';
import { type ApiServices, createApi } from './api.ts';
import { HlsFiles, type HlsOptions } from './hls.ts';
import { createListener } from './listener.ts';
import { OpenConnections } from './open-connections.ts';
import { renderOpenApi } from './openapi.ts';
import { serveOperations } from './operation.ts';
import { type PageOptions, servePages } from './pages.ts';
import { answerProblems } from './problem.ts';
import { commonHeaders } from './response-headers.ts';
import { type StatusOptions, serveStatus } from './status.ts';
import { serveWhep, type WhepOptions } from './whep.ts';

/** The listener's settings: the configuration's `http` section. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly cert?: string | undefined; readonly key?: string | undefined };
  readonly maxBodyBytes: number;
  readonly maxConnections: number;
  readonly requestTimeoutMs: number;
  readonly sendTimeoutMs: number;
  readonly trustedProxies: number;
}

export interface HttpServerOptions {
  readonly settings: HttpSettings;
  readonly version: string;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly gate: Gate;
  readonly api: ApiServices;
  readonly whep: WhepOptions;
  readonly hls: Omit<HlsOptions, 'sendTimeoutMs' | 'isSecure'>;
  readonly pages: PageOptions;
  readonly status: StatusOptions;
}

/** The HTTP side of the server. */
export class HttpServer implements Closable {
  readonly #app: FastifyInstance;
  readonly #settings: HttpSettings;
  readonly #connections: OpenConnections;
  readonly #hls: HlsFiles;

  private constructor(app: FastifyInstance, settings: HttpSettings, hls: HlsFiles) {
    this.#app = app;
    this.#settings = settings;
    this.#hls = hls;
    this.#connections = new OpenConnections(app.server);
  }

  /** Builds the server with all routes; it does not listen yet. @throws BarrageError `CONFIG_INVALID` (TLS files). */
  static async create(options: HttpServerOptions): Promise<HttpServer> {
    const { settings } = options;
    const { sendTimeoutMs } = settings;
    const hls = new HlsFiles({ ...options.hls, sendTimeoutMs, isSecure: speaksTls(settings) });
    const app = createFastify(settings, hls);
    addCommonHeaders(app, commonHeaders(speaksTls(settings)));
    answerProblems(app, options);
    acceptEmptyJson(app);
    const operations = createApi(options.api);
    serveOperations(app, operations, options.gate);
    const document = renderOpenApi(operations, options.version);
    app.get('/openapi.json', (_, reply) => reply.header('access-control-allow-origin', '*').send(document));
    serveStatus(app, options.status);
    serveWhep(app, options.whep);
    hls.addRoutes(app);
    await servePages(app, options.pages);
    await app.ready();
    return new HttpServer(app, settings, hls);
  }

  /** Where WebSocket upgrades come from. */
  get upgrades(): UpgradeSource {
    return this.#app.server;
  }

  /** The port listened on; 0 before that. */
  get port(): number {
    return (this.#app.server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** @throws BarrageError `UNAVAILABLE` naming the port when it cannot be listened on. */
  async listen(): Promise<void> {
    const { host, port } = this.#settings;
    try {
      await this.#app.listen({ host, port });
    } catch (error) {
      throw new BarrageError('UNAVAILABLE', describeListenError('http', { host, port, error }), {
        cause: error,
      });
    }
  }

  /** Answers what is being asked, then ends; connections that stay are cut. */
  async close(reason: string): Promise<void> {
    this.#hls.close(reason);
    this.#connections.end();
    await this.#app.close();
  }
}

/** Why a port cannot be listened on, and what to do; `section` is the configuration's. */
export function describeListenError(
  section: 'http' | 'rtmp' | 'webrtc',
  failure: { readonly host: string; readonly port: number; readonly error: unknown },
): string {
  const { host, port, error } = failure;
  const { code, message } = error as NodeJS.ErrnoException;
  const flag = `--${section}.port=${port === 0 ? 8080 : port + 1}`;
  if (code === 'EADDRINUSE') {
    return `port ${port} on ${host} is taken: stop what uses it, or choose another one with ${flag}`;
  }
  if (code === 'EACCES')
    return `port ${port} needs more rights than this user has: choose one above 1023 with ${flag}`;
  if (code === 'EADDRNOTAVAIL') return `${host} is no address of this machine: set --${section}.host`;
  return `cannot listen on ${host}:${port}: ${message}`;
}

/** `hls` is asked first; what it does not answer is fastify's. */
function createFastify(settings: HttpSettings, hls: HlsFiles): FastifyInstance {
  const common = {
    logger: false as const,
    bodyLimit: settings.maxBodyBytes,
    // Never the client's own id: it would be written into our log as it came.
    requestIdHeader: false as const,
    genReqId: () => createUlid(),
    // Left to OpenConnections: fastify 5 cannot do it for HTTP/2.
    forceCloseConnections: false,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false },
    serverFactory: (route: RequestListener) =>
      createListener(settings, {
        handleRequest: (request, response) => {
          if (!hls.answer(request, response)) route(request, response);
        },
        takeConnection: (socket, handOver) => hls.takeConnection(socket, handOver),
      }),
  };
  // Fastify must know that the listener speaks HTTP/2; the certificate is the listener's.
  return fastify(
    (speaksTls(settings) ? { ...common, http2: true, https: {} } : common) as FastifyServerOptions,
  );
}

function speaksTls({ tls }: HttpSettings): boolean {
  return tls.cert !== undefined && tls.key !== undefined;
}

function addCommonHeaders(app: FastifyInstance, headers: Readonly<Record<string, string>>): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers).header('x-request-id', request.id);
  });
}

/** A JSON content type without a body, as many clients send with DELETE, means no body. */
function acceptEmptyJson(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') return done(null, undefined);
    try {
      return done(null, JSON.parse(body as string));
    } catch (error) {
      return done(new BarrageError('BAD_REQUEST', 'the body is not valid JSON', { cause: error }));
    }
  });
}
