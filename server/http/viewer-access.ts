// Whether a request may watch a room, and the answers to other origins' pages.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerToken, type Gate } from '../auth/gate.ts';
import type { Identity } from '../auth/identity.ts';
import type { RoomRecord } from '../rooms/room-record.ts';
import { EVERY_ORIGIN } from './response-headers.ts';

const COOKIE = 'barrage_token';

/** Token of a viewer's request: the Authorization header, `?token=`, or the cookie that the latter left. */
export function viewerToken(request: FastifyRequest): string | undefined {
  const { token } = request.query as { token?: unknown };
  const fromQuery = typeof token === 'string' && token !== '' ? token : undefined;
  return bearerToken(request.headers.authorization) ?? fromQuery ?? cookieToken(request.headers.cookie);
}

/**
 * Lets a viewer through to a room's media. A private room wants a token; where it came in the query of a playlist
 * a cookie carries it on to the files below, which players ask for without the query.
 * @throws BarrageError `UNAUTHORIZED`.
 */
export async function requireViewer(
  gate: Gate,
  record: RoomRecord,
  exchange: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<Identity | undefined> {
  if (!record.settings.private) return undefined;
  const { request, reply } = exchange;
  const token = viewerToken(request);
  const identity = await gate.admitViewer({ id: record.id, private: true }, token);
  if (token !== undefined && (request.query as { token?: unknown }).token === token) {
    const secure = request.protocol === 'https' ? '; Secure' : '';
    const path = `/live/${record.id}/`;
    reply.header('set-cookie', `${COOKIE}=${token}; Path=${path}; HttpOnly; SameSite=Lax${secure}`);
  }
  return identity;
}

function cookieToken(header: string | undefined): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === COOKIE && value) return value;
  }
  return undefined;
}

/** Lets any web page play it. */
export function allowEveryOrigin(reply: FastifyReply): void {
  reply.headers(EVERY_ORIGIN);
}

/** Answers a preflight for media. */
export function answerPreflight(reply: FastifyReply, methods: string): FastifyReply {
  allowEveryOrigin(reply);
  return reply
    .code(204)
    .header('access-control-allow-methods', methods)
    .header('access-control-allow-headers', 'Authorization, Content-Type, If-Match, If-None-Match, Range')
    .header('access-control-max-age', '86400')
    .send();
}
