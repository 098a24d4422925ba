// The admin and platform API, version 1: rooms, stream keys, viewer tokens, streams.
import { z } from 'zod';
import { BarrageError } from '../../core/errors.ts';
import type { Tokens } from '../auth/tokens.ts';
import type { LivePort, LiveRoomDescription } from '../live/live-port.ts';
import { ROLES } from '../protocol/wire.ts';
import type { OpenRooms } from '../rooms/open-rooms.ts';
import { type RoomRecord, roomIdSchema } from '../rooms/room-record.ts';
import type { RoomPatch, RoomRegistry } from '../rooms/room-registry.ts';
import { defineOperation, type Operation } from './operation.ts';

const MAX_EXPIRY_S = 30 * 24 * 3600;

const titleSchema = z.string().trim().min(1).max(200);

const settingsSchema = z.object({
  guestsMayChat: z.boolean().optional().describe('Whether guests may send danmaku and likes.'),
  private: z.boolean().describe('Watching needs a token for this room.'),
});

const roomSchema = z.object({
  id: z.string(),
  title: z.string(),
  createdAt: z.number().describe('ms since the Unix epoch'),
  settings: settingsSchema,
  state: z.enum(['waiting', 'live', 'interrupted']),
  viewers: z.int(),
});

const roomWithKeySchema = roomSchema.extend({
  streamKey: z.string().describe('Secret: whoever has it may publish.'),
});

const roomParams = z.object({ room: roomIdSchema });

const streamSchema = z.object({
  room: z.string(),
  state: z.enum(['waiting', 'live', 'interrupted']),
  publisher: z.object({ protocol: z.string(), remoteAddress: z.string(), sinceMs: z.number() }).optional(),
  renditions: z.array(
    z.object({
      id: z.string(),
      origin: z.enum(['source', 'transcoded']),
      kind: z.enum(['video', 'audio']),
      codec: z.string(),
      bitrateBps: z.number(),
      width: z.number().optional(),
      height: z.number().optional(),
    }),
  ),
  transcoder: z.record(z.string(), z.unknown()).optional(),
  viewers: z.object({ websocket: z.int(), webrtc: z.int(), hls: z.int(), total: z.int() }),
});

/** What the API works on. */
export interface ApiServices {
  readonly registry: RoomRegistry;
  readonly rooms: OpenRooms;
  readonly live: LivePort;
  readonly tokens: Tokens;
}

/** Every operation of the API. */
export function createApi(services: ApiServices): Operation[] {
  return [...roomOperations(services), tokenOperation(services), ...streamOperations(services)];
}

function roomOperations(services: ApiServices): Operation[] {
  const { registry } = services;
  const describe = (record: RoomRecord) => describeRoom(record, services);
  const withKey = (record: RoomRecord) => ({ ...describe(record), streamKey: record.streamKey });
  return [
    defineOperation({
      id: 'createRoom',
      method: 'POST',
      path: '/api/v1/rooms',
      summary: 'Make a room; the answer holds its stream key.',
      body: z.object({
        id: roomIdSchema.optional().describe('Public name; a random one when left out.'),
        title: titleSchema.optional(),
        settings: settingsSchema.partial().optional(),
      }),
      status: 201,
      result: roomWithKeySchema,
      errors: ['CONFLICT', 'OVERLOADED'],
      handle: ({ body }) => withKey(registry.create(body as Parameters<RoomRegistry['create']>[0])),
    }),
    defineOperation({
      id: 'listRooms',
      method: 'GET',
      path: '/api/v1/rooms',
      summary: 'All rooms, oldest first, without their stream keys.',
      status: 200,
      result: z.object({ rooms: z.array(roomSchema) }),
      errors: [],
      handle: () => ({ rooms: registry.list().map(describe) }),
    }),
    ...singleRoomOperations(registry, withKey),
  ];
}

function singleRoomOperations(
  registry: RoomRegistry,
  withKey: (record: RoomRecord) => z.input<typeof roomWithKeySchema>,
): Operation[] {
  return [
    defineOperation({
      id: 'getRoom',
      method: 'GET',
      path: '/api/v1/rooms/{room}',
      summary: 'One room with its stream key.',
      params: roomParams,
      status: 200,
      result: roomWithKeySchema,
      errors: ['ROOM_NOT_FOUND'],
      handle: ({ params }) => withKey(registry.require(params.room)),
    }),
    defineOperation({
      id: 'changeRoom',
      method: 'PATCH',
      path: '/api/v1/rooms/{room}',
      summary: 'Change title or settings; what is left out stays.',
      params: roomParams,
      body: z.object({ title: titleSchema.optional(), settings: settingsSchema.partial().optional() }),
      status: 200,
      result: roomWithKeySchema,
      errors: ['ROOM_NOT_FOUND'],
      handle: ({ params, body }) => withKey(registry.patch(params.room, body as RoomPatch)),
    }),
    defineOperation({
      id: 'deleteRoom',
      method: 'DELETE',
      path: '/api/v1/rooms/{room}',
      summary: 'Delete a room, ending its stream and sending its viewers away.',
      params: roomParams,
      status: 204,
      errors: ['ROOM_NOT_FOUND'],
      handle: ({ params }) => registry.delete(params.room),
    }),
    defineOperation({
      id: 'rotateStreamKey',
      method: 'POST',
      path: '/api/v1/rooms/{room}/stream-key',
      summary: 'Give a room a new stream key; the old one opens nothing from then on.',
      params: roomParams,
      status: 200,
      result: roomWithKeySchema,
      errors: ['ROOM_NOT_FOUND'],
      handle: ({ params }) => withKey(registry.rotateStreamKey(params.room)),
    }),
  ];
}

function tokenOperation({ registry, tokens }: ApiServices): Operation {
  return defineOperation({
    id: 'issueToken',
    method: 'POST',
    path: '/api/v1/tokens',
    summary:
      'Issue a token that says who a viewer is in a room. An admin token opens every room and the API.',
    body: z.object({
      room: roomIdSchema,
      user: z.string().min(1).max(128),
      name: z.string().max(64).optional(),
      role: z.enum(ROLES).default('viewer'),
      expiresInS: z.int().min(1).max(MAX_EXPIRY_S).default(3600),
    }),
    status: 201,
    result: z.object({ token: z.string() }),
    errors: ['ROOM_NOT_FOUND'],
    handle: async ({ body }) => {
      registry.require(body.room);
      return { token: await tokens.issue({ ...body, name: body.name ?? body.user }) };
    },
  });
}

function streamOperations({ registry, rooms, live }: ApiServices): Operation[] {
  return [
    defineOperation({
      id: 'listStreams',
      method: 'GET',
      path: '/api/v1/streams',
      summary: 'What is live or waiting for its publisher to come back.',
      status: 200,
      result: z.object({ streams: z.array(streamSchema) }),
      errors: [],
      handle: () => ({
        streams: live
          .describe()
          .filter((stream) => stream.state !== 'waiting')
          .map((stream) => describeStream(stream, rooms)),
      }),
    }),
    defineOperation({
      id: 'kickPublisher',
      method: 'DELETE',
      path: '/api/v1/streams/{room}',
      summary: 'End the publisher of a room.',
      params: roomParams,
      status: 204,
      errors: ['ROOM_NOT_FOUND', 'STREAM_NOT_LIVE'],
      handle: ({ params }) => {
        registry.require(params.room);
        if (live.findRoom(params.room)?.kick('kicked by an administrator')) return;
        throw new BarrageError('STREAM_NOT_LIVE', `nobody publishes into room "${params.room}"`);
      },
    }),
  ];
}

function describeRoom(record: RoomRecord, { rooms, live }: ApiServices): z.input<typeof roomSchema> {
  return {
    id: record.id,
    title: record.title,
    createdAt: record.createdAt,
    settings: record.settings as z.input<typeof settingsSchema>,
    state: live.findRoom(record.id)?.info.state ?? 'waiting',
    viewers: rooms.find(record.id)?.viewers.count ?? 0,
  };
}

function describeStream(stream: LiveRoomDescription, rooms: OpenRooms): z.input<typeof streamSchema> {
  const { room, state, publisher, renditions, transcoder, webrtcSessions } = stream;
  const present = rooms.find(room)?.room.presence.counts();
  return {
    room,
    state,
    ...(publisher ? { publisher } : {}),
    renditions: [...renditions],
    ...(transcoder ? { transcoder: { ...transcoder } } : {}),
    viewers: {
      websocket: present?.websocket ?? 0,
      webrtc: webrtcSessions,
      hls: present?.hls ?? 0,
      total: present?.total ?? webrtcSessions,
    },
  };
}
