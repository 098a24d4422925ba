// For machines that watch the server: /healthz, /readyz and /metrics.
import type { FastifyInstance } from 'fastify';

/** What keeps the server from being ready; empty when it is. */
export type ReadinessCheck = () => readonly string[];

export interface StatusOptions {
  readonly notReady: ReadinessCheck;
  /** The metrics in Prometheus's text format, and their content type. */
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
}

/** Serves the status routes. `/healthz` says that the process answers, `/readyz` that it should be sent viewers. */
export function serveStatus(app: FastifyInstance, options: StatusOptions): void {
  app.get('/healthz', (_, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  app.get('/readyz', (_, reply) => {
    const reasons = options.notReady();
    reply.code(reasons.length === 0 ? 200 : 503).header('cache-control', 'no-store');
    return reply.send({ status: reasons.length === 0 ? 'ready' : 'not ready', reasons });
  });
  app.get('/metrics', async (_, reply) => {
    reply.header('cache-control', 'no-store').type(options.metrics.contentType);
    return reply.send(Buffer.from(await options.metrics.render()));
  });
}
