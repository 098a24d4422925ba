// HLS files at /live/ROOM/...: hands the media plane's resources to HTTP with caching, compression and CORS.
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BarrageError } from '../../core/errors.ts';
import type { Gate } from '../auth/gate.ts';
import type { MediaResource } from '../live/live-port.ts';
import type { Meter } from '../meter.ts';
import { remoteAddressOf, viewerKeyOf } from '../request-origin.ts';
import type { OpenRoom, OpenRooms } from '../rooms/open-rooms.ts';
import type { RoomRecord } from '../rooms/room-record.ts';
import { GzipCache } from './gzip-cache.ts';
import { allowEveryOrigin, answerPreflight, requireViewer } from './viewer-access.ts';

/** How long a cache may remember that something is not there: a playlist may appear any moment. */
const MISSING_CACHE = 'max-age=1';

export interface HlsOptions {
  readonly rooms: OpenRooms;
  readonly gate: Gate;
  readonly meter: Meter;
  readonly trustedProxies: number;
}

interface HlsRoute {
  Params: { room: string; '*': string };
}

/** Serves HLS. */
export function serveHls(app: FastifyInstance, options: HlsOptions): void {
  const cache = new GzipCache();
  app.options('/live/:room/*', (_, reply) => answerPreflight(reply, 'GET, HEAD, OPTIONS'));
  app.get<HlsRoute>('/live/:room/*', async (request, reply) => {
    allowEveryOrigin(reply);
    reply.header('cache-control', MISSING_CACHE);
    const { room: roomId, '*': path } = request.params;
    const room = options.rooms.open(roomId);
    const record = room.record();
    await requireViewer(options.gate, record, { request, reply });
    const resource = await resolve(room, path, request);
    if (path.endsWith('.m3u8')) countViewer(options, room, request);
    return sendResource({ request, reply, resource, record, cache, options, key: `${roomId}/${path}` });
  });
}

/** @throws BarrageError `STREAM_NOT_LIVE` while there is nothing to play, `NOT_FOUND` for a file that is gone. */
async function resolve(room: OpenRoom, path: string, request: FastifyRequest): Promise<MediaResource> {
  const { live, id } = room.room;
  const gone = new AbortController();
  request.raw.once('close', () => gone.abort());
  const resource = await live.resolveHls(path, gone.signal);
  if (resource) return resource;
  if (live.info.state === 'waiting') {
    throw new BarrageError('STREAM_NOT_LIVE', `nobody publishes into room "${id}"`);
  }
  throw new BarrageError('NOT_FOUND', `room "${id}" has no file "${path}"`);
}

function countViewer(options: HlsOptions, room: OpenRoom, request: FastifyRequest): void {
  const key = viewerKeyOf(request.raw, remoteAddressOf(request.raw, options.trustedProxies));
  room.room.presence.touchHls(key, room.room.nowMs());
}

interface Answer {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly resource: MediaResource;
  readonly record: RoomRecord;
  readonly cache: GzipCache;
  readonly options: HlsOptions;
  readonly key: string;
}

async function sendResource(answer: Answer): Promise<FastifyReply> {
  const { request, reply, resource, record } = answer;
  const cacheControl = record.settings.private
    ? `private, ${resource.cacheControl.replace(/public, */, '')}`
    : resource.cacheControl;
  reply.header('cache-control', cacheControl).header('content-type', resource.contentType);
  if (resource.compressible) reply.header('vary', 'Accept-Encoding');
  if (resource.etag !== undefined) {
    reply.header('etag', resource.etag);
    if (matchesEtag(request.headers['if-none-match'], resource.etag)) return reply.code(304).send();
  }
  const chunks = await encode(answer);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  reply.header('content-length', bytes);
  if (request.method !== 'HEAD') answer.options.meter.countBytesOut('hls', bytes);
  const [only] = chunks;
  return reply.send(chunks.length === 1 ? only : Readable.from(chunks));
}

async function encode(answer: Answer): Promise<readonly Buffer[]> {
  const { request, reply, resource, cache, key } = answer;
  const chunks = Buffer.isBuffer(resource.body) ? [resource.body] : resource.body;
  const wantsGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(
    String(request.headers['accept-encoding'] ?? ''),
  );
  if (!resource.compressible || !wantsGzip || resource.etag === undefined) return chunks;
  const compressed = await cache.compressed(`${key} ${resource.etag}`, Buffer.concat(chunks));
  if (!compressed) return chunks;
  // The tag stays: it is weak in meaning, and what it names is the playlist, not its encoding.
  reply.header('content-encoding', 'gzip').header('etag', `W/${resource.etag.replace(/^W\//, '')}`);
  return [compressed];
}

/** Weak comparison of RFC 9110 section 13.1.2. */
function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((tag) => bare(tag) === bare(etag));
}
