// This project's server as a subject of fan-out measurements: rates raised so that few connections can stand for
// many users.
import { ServerUnderTest } from '../server-under-test.ts';
import type { FanoutNeeds, FanoutServer } from './fanout-server.ts';

const ROOM = 'bench';

/** Limits per user, address and connection: in life each sender is another person somewhere else. */
const RAISED = {
  BARRAGE_INTERACTION__DANMAKU__PERSECOND: '100000',
  BARRAGE_INTERACTION__DANMAKU__BURST: '1000000',
  BARRAGE_INTERACTION__DANMAKU__ADDRESSPERSECOND: '100000',
  BARRAGE_INTERACTION__DANMAKU__ADDRESSBURST: '1000000',
  BARRAGE_WS__MAXCOMMANDSPERSECOND: '10000',
  BARRAGE_WS__MAXCONNECTIONS: '100000',
  BARRAGE_WS__MAXCONNECTIONSPERADDRESS: '100000',
  BARRAGE_HTTP__MAXCONNECTIONS: '100000',
  BARRAGE_WEBRTC__WORKERS: '1',
};

/** Starts the server with a room. */
export async function startBarrage({ maxChatPerTick }: FanoutNeeds): Promise<FanoutServer> {
  const chat =
    maxChatPerTick === undefined ? {} : { BARRAGE_INTERACTION__MAXCHATPERTICK: `${maxChatPerTick}` };
  const server = await ServerUnderTest.start({ env: { ...RAISED, ...chat } });
  const room = await server.createRoom(ROOM);
  return {
    target: { dialect: 'barrage', url: webSocketUrl(server.origin, room.id) },
    pid: server.pid,
    origin: server.origin,
    batches: true,
    confirms: true,
    configuration: [
      'Defaults (ticks of 50 ms), with the limits per user, address and connection raised, one WebRTC worker',
      maxChatPerTick === undefined ? '' : ` and interaction.maxChatPerTick at ${maxChatPerTick}`,
      '.',
    ].join(''),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A server elsewhere, as it is configured: nothing can be raised, and its CPU cannot be seen. */
export function targetBarrage(origin: string, room: string): FanoutServer {
  return {
    target: { dialect: 'barrage', url: webSocketUrl(origin, room) },
    pid: undefined,
    origin,
    batches: true,
    confirms: true,
    configuration: `The server at ${origin} as it is configured; its CPU and memory are not seen from here.`,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function webSocketUrl(origin: string, room: string): string {
  return `${origin.replace(/^http/, 'ws')}/live/${room}/ws`;
}
