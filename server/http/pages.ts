// The pages and scripts people's browsers load: built files of web/, and the small front page.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { BarrageError } from '../../core/errors.ts';
import type { LivePort } from '../live/live-port.ts';
import type { RoomRegistry } from '../rooms/room-registry.ts';
import { renderNotFound, renderRooms } from './front-page.ts';

/**
 * Pages load nothing from elsewhere and run no inline script. Inline style attributes are how danmaku are placed;
 * blob: is where media and hls.js's worker live.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Names with a hash of their content never change what they hold. */
const HASHED = /-[A-Z0-9]{8}\.\w+(?:\.map)?$/;

export interface PageOptions {
  readonly registry: RoomRegistry;
  readonly live: LivePort;
  /** Folder of the built web files. */
  readonly webDir: string;
}

/** Serves `/`, `/watch/ROOM`, `/assets/*` and `/sdk.js`. */
export async function servePages(app: FastifyInstance, options: PageOptions): Promise<void> {
  const assets = join(options.webDir, 'assets');
  await app.register(fastifyStatic, {
    root: existsSync(assets) ? assets : import.meta.dirname,
    prefix: '/assets/',
    serve: existsSync(assets),
    index: false,
    cacheControl: false,
    setHeaders: (response, path) => {
      response.header('access-control-allow-origin', '*');
      response.header(
        'cache-control',
        HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  app.get('/sdk.js', (_, reply) => {
    // A redirect, since the bundle imports its neighbours by relative names.
    reply.header('access-control-allow-origin', '*').header('cache-control', 'no-cache');
    return reply.redirect('/assets/barrage-sdk.js', 302);
  });
  app.get('/', (_, reply) => sendPage(reply, renderRooms(listWatchable(options))));
  app.get<{ Params: { room: string } }>('/watch/:room', (request, reply) => {
    if (!options.registry.find(request.params.room)) {
      return sendPage(reply.code(404), renderNotFound(request.params.room));
    }
    if (!existsSync(join(options.webDir, 'watch.html'))) {
      throw new BarrageError('UNAVAILABLE', 'the pages are not built: run `npm run setup`');
    }
    setPageHeaders(reply);
    return reply.sendFile('watch.html', options.webDir, { cacheControl: false });
  });
}

function listWatchable({ registry, live }: PageOptions) {
  return registry
    .list()
    .filter((record) => !record.settings.private && live.findRoom(record.id)?.info.state === 'live')
    .map((record) => ({ id: record.id, title: record.title }));
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  setPageHeaders(reply);
  return reply.type('text/html; charset=utf-8').send(html);
}

function setPageHeaders(reply: FastifyReply): void {
  reply.header('content-security-policy', PAGE_POLICY).header('cache-control', 'no-cache');
}
