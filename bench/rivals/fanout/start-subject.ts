// The fan-out server of a subject's name, and how fair each rival's configuration is.
import { startBarrage } from '../../instruments/fanout/barrage-server.ts';
import type { StartFanoutServer } from '../../instruments/fanout/fanout-server.ts';
import { BARRAGE } from '../../scenario.ts';
import { startMosquitto } from './mosquitto.ts';
import { startNodeRival } from './node-rival.ts';

const WS_LOOP = { module: 'ws.server.ts', package: 'ws', dialect: 'barrage', urlPath: '/' } as const;

/** Names of the rivals in fan-out. */
export const FANOUT_RIVALS = ['ws', 'ws-batched', 'socket.io', 'mosquitto'] as const;

const STARTERS: Record<string, StartFanoutServer> = {
  [BARRAGE]: startBarrage,
  ws: () =>
    startNodeRival({
      ...WS_LOOP,
      batches: false,
      configuration:
        'A loop of ws.send over all viewers for each message: JSON.stringify once, permessage-deflate off, no checks, no limits.',
    }),
  'ws-batched': () =>
    startNodeRival({
      ...WS_LOOP,
      args: ['batched'],
      batches: true,
      configuration:
        'The plain ws loop with the ticks of 50 ms that Barrage has: what is left are the frames, checks, limits and history.',
    }),
  'socket.io': () =>
    startNodeRival({
      module: 'socket-io.server.ts',
      package: 'socket.io',
      dialect: 'socket.io',
      urlPath: '/socket.io/?EIO=4&transport=websocket',
      batches: false,
      configuration:
        'One room, io.to(room).emit for each message, WebSocket transport only, permessage-deflate off, in-memory adapter.',
    }),
  mosquitto: startMosquitto,
};

/** How the server of a subject is started. */
export function starterOf(subject: string): StartFanoutServer {
  const start = STARTERS[subject];
  if (!start) throw new Error(`there is no fan-out server for "${subject}"`);
  return start;
}
