// WHEP playback at /live/ROOM/whep: WHIP's exchange (RFC 9725) with the roles turned round
// (draft-ietf-wish-whep). Offers come in, sessions are kept in whep-sessions.ts.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BarrageError } from '../../core/errors.ts';
import type { Gate } from '../auth/gate.ts';
import { remoteAddressOf, viewerKeyOf } from '../request-origin.ts';
import type { OpenRooms } from '../rooms/open-rooms.ts';
import { allowEveryOrigin, answerPreflight, requireViewer, viewerToken } from './viewer-access.ts';
import type { WhepSession, WhepSessions } from './whep-sessions.ts';

const SDP = 'application/sdp';
const SDP_FRAGMENT = 'application/trickle-ice-sdpfrag';

export interface WhepOptions {
  readonly rooms: OpenRooms;
  readonly sessions: WhepSessions;
  readonly gate: Gate;
  readonly trustedProxies: number;
}

interface EndpointRoute {
  Params: { room: string };
}

interface SessionRoute {
  Params: { room: string; session: string };
}

/** Serves WHEP. */
export function serveWhep(app: FastifyInstance, options: WhepOptions): void {
  for (const type of [SDP, SDP_FRAGMENT]) {
    app.addContentTypeParser(type, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  }
  const { sessions } = options;
  app.options('/live/:room/whep', (_, reply) => {
    reply.header('accept-post', SDP);
    return answerPreflight(reply, 'POST, OPTIONS');
  });
  app.options('/live/:room/whep/:session', (_, reply) => {
    reply.header('accept-patch', SDP_FRAGMENT);
    return answerPreflight(reply, 'PATCH, DELETE, OPTIONS');
  });
  app.post<EndpointRoute>('/live/:room/whep', (request, reply) => offer(options, request, reply));
  app.patch<SessionRoute>('/live/:room/whep/:session', async (request, reply) => {
    allowEveryOrigin(reply);
    const session = sessions.require(request.params.room, request.params.session);
    return patch(sessions, session, { request, reply });
  });
  app.delete<SessionRoute>('/live/:room/whep/:session', async (request, reply) => {
    allowEveryOrigin(reply);
    const session = sessions.require(request.params.room, request.params.session);
    await session.webrtc.close('closed by the viewer');
    return reply.code(200).send();
  });
  refuseOtherMethods(app);
}

async function offer(
  options: WhepOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  allowEveryOrigin(reply);
  const { room: roomId } = request.params as EndpointRoute['Params'];
  const room = options.rooms.open(roomId);
  const identity = await requireViewer(options.gate, room.record(), { request, reply });
  const token = viewerToken(request);
  // A token that nobody asked for is checked all the same: a viewer should hear that it is wrong.
  if (!identity && token !== undefined) await options.gate.admitViewer({ id: roomId, private: false }, token);
  if ((request.query as { wait?: string }).wait === '0' && room.room.live.info.state === 'waiting') {
    throw new BarrageError('STREAM_NOT_LIVE', `nobody publishes into room "${roomId}"`);
  }
  const remoteAddress = remoteAddressOf(request.raw, options.trustedProxies);
  const session = await options.sessions.open({
    room,
    offer: readBody(request, SDP),
    token,
    remoteAddress,
    presenceKey: viewerKeyOf(request.raw, remoteAddress),
  });
  return reply
    .code(201)
    .header('location', `/live/${roomId}/whep/${session.webrtc.id}`)
    .header('etag', session.etag)
    .header('accept-patch', SDP_FRAGMENT)
    .header('cache-control', 'no-store')
    .header('content-type', SDP)
    .send(Buffer.from(session.webrtc.answer));
}

/** RFC 9725 section 4.3: trickled candidates want the current entity tag, an ICE restart wants `*`. */
async function patch(
  sessions: WhepSessions,
  session: WhepSession,
  exchange: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const { request, reply } = exchange;
  const match = request.headers['if-match'];
  if (match === undefined) throw new BarrageError('PRECONDITION_REQUIRED', 'PATCH needs If-Match');
  if (match !== '*' && match !== session.etag) {
    throw new BarrageError('PRECONDITION_FAILED', `If-Match ${match} is not the session's ${session.etag}`);
  }
  const answer = await sessions.patch(session, readBody(request, SDP_FRAGMENT));
  if (answer === undefined) return reply.code(204).send();
  return reply
    .code(200)
    .header('etag', session.etag)
    .header('content-type', SDP_FRAGMENT)
    .send(Buffer.from(answer));
}

function readBody(request: FastifyRequest, type: string): string {
  const given = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (given !== type) {
    throw new BarrageError('UNSUPPORTED_MEDIA', `Content-Type is ${given ?? 'missing'}, it must be ${type}`);
  }
  if (typeof request.body !== 'string' || request.body.trim() === '') {
    throw new BarrageError('BAD_REQUEST', 'the body is empty');
  }
  return request.body;
}

/** RFC 9725 section 4.2: methods kept for later use are answered with 405. */
function refuseOtherMethods(app: FastifyInstance): void {
  const refuse = (allow: string) => (request: FastifyRequest, reply: FastifyReply) => {
    allowEveryOrigin(reply);
    reply.header('allow', allow);
    throw new BarrageError('METHOD_NOT_ALLOWED', `${request.method} is not one of ${allow}`);
  };
  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
    url: '/live/:room/whep',
    handler: refuse('POST, OPTIONS'),
  });
  app.route({
    method: ['GET', 'HEAD', 'PUT', 'POST'],
    url: '/live/:room/whep/:session',
    handler: refuse('PATCH, DELETE, OPTIONS'),
  });
}
