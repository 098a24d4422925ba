// A hundred publishers and a hundred viewers of each kind come and go; afterwards memory, descriptors, ports and
// child processes are back where they were.
import t from 'tap';
import { endNativeViewers, NativeViewer } from '../../bench/instruments/native-viewer.ts';
import { type TreeResources, treeResources } from '../../bench/instruments/process-tree.ts';
import type { RoomAccess } from '../../bench/instruments/server-under-test.ts';
import { runProgram, startServer, waitFor } from '../support/e2e-server.ts';

t.setTimeout(280_000);

const ROOMS = 4;
const WARM_UP_ROUNDS = 2;
const ROUNDS = 25;
/** A heap that has grown to its working size is no leak; a hundred kept streams would be far more. */
const MEMORY_ALLOWANCE_BYTES = 80 * 2 ** 20;
const SETTLE_S = 40;
/** Longer than sessions without ICE consent are kept (see the server's settings below). */
const STEADY_S = 5;
/** Connections that this process's own fetch keeps open. */
const KEPT_ALIVE = 4;

const server = await startServer(t, {
  BARRAGE_STREAM__GRACEMS: '500',
  BARRAGE_WEBRTC__DISCONNECTTIMEOUTMS: '2000',
  BARRAGE_LADDER__RUNGS: '[{"name":"90p","height":90,"videoKbps":100}]',
});
const rooms = await Promise.all(
  Array.from({ length: ROOMS }, (_, index) => server.createRoom(`room-${index}`)),
);

t.teardown(() => endNativeViewers());

t.test('memory, descriptors, ports and children are back after a hundred of each', async (t) => {
  await comeAndGo(WARM_UP_ROUNDS);
  const before = await settle();
  t.comment(`before: ${describe(before)}`);
  const startedAt = performance.now();
  await comeAndGo(ROUNDS);
  t.comment(`${ROOMS * ROUNDS} of each took ${Math.round((performance.now() - startedAt) / 1000)} s`);
  const after = await settle();
  t.comment(`after: ${describe(after)}`);
  t.same(childNames(after), childNames(before), 'the same children');
  t.equal(after.udpSockets, before.udpSockets, 'UDP sockets');
  t.equal(after.tcpListening, before.tcpListening, 'listening TCP sockets');
  t.ok(after.tcpConnected <= before.tcpConnected + KEPT_ALIVE, 'TCP connections');
  t.ok(after.descriptors <= before.descriptors + KEPT_ALIVE, 'descriptors');
  t.ok(after.rssBytes - before.rssBytes < MEMORY_ALLOWANCE_BYTES, 'memory');
});

/** Rounds in which every room gets a publisher, a WHEP viewer, a WebSocket and an HLS reader. */
async function comeAndGo(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++)
    await Promise.all(rooms.map((room, index) => visit(room, index + round)));
}

async function visit(room: RoomAccess, turn: number): Promise<void> {
  const leaving = new AbortController();
  const publishing = pushTiny(room, leaving.signal);
  try {
    await server.waitUntilLive(room.id, { hls: true, timeoutMs: 30_000 });
    const viewer = await NativeViewer.join(server.whepUrl(room.id));
    await viewer.waitForPackets(10, 20_000);
    await talk(room.id);
    if (turn % 2 === 0) await viewer.close();
    else viewer.vanish();
  } finally {
    leaving.abort();
    await publishing;
  }
  await waitFor(() => stateOf(room.id), {
    until: (state) => state !== 'live' && state !== 'interrupted',
    timeoutMs: 20_000,
    what: 'the stream to be over',
  });
}

async function stateOf(roomId: string): Promise<string | undefined> {
  return (await server.streams()).find(({ room }) => room === roomId)?.state;
}

/** Joins the room's socket, likes once and goes. */
async function talk(roomId: string): Promise<void> {
  const socket = new WebSocket(`${server.origin.replace('http', 'ws')}/live/${roomId}/ws`);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error('the socket failed')));
    socket.addEventListener('open', () => {
      socket.send('{"id":1,"method":"hello","params":{"protocol":1}}');
      socket.send('{"id":2,"method":"like.send","params":{"count":1}}');
    });
    socket.addEventListener('message', ({ data }) => {
      if (JSON.parse(String(data)).id === 2) resolve();
    });
  });
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
  socket.close();
  await closed;
}

/** A very small stream; every other one is cut off instead of ended. */
async function pushTiny(room: RoomAccess, signal: AbortSignal): Promise<void> {
  const picture = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=160x90:rate=15',
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440',
  ];
  const codecs = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-g',
    '15',
    '-pix_fmt',
    'yuv420p',
    '-c:a',
    'aac',
  ];
  const args = [
    '-v',
    'error',
    '-nostdin',
    '-re',
    ...picture,
    ...codecs,
    '-f',
    'flv',
    server.publishUrl(room),
  ];
  await runProgram('ffmpeg', args, signal);
}

/** Waits until no transcoder is left and nothing changes any more; what never goes shows in the comparison. */
async function settle(): Promise<TreeResources> {
  let steady = 0;
  let last = treeResources(server.pid);
  for (let second = 0; second < SETTLE_S && steady < STEADY_S; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const now = treeResources(server.pid);
    const isSteady = now.descriptors === last.descriptors && now.processes.length === last.processes.length;
    steady = isSteady && !now.processes.some(({ name }) => name === 'ffmpeg') ? steady + 1 : 0;
    last = now;
  }
  return last;
}

function childNames({ processes }: TreeResources): string[] {
  return processes.map(({ name }) => name).sort();
}

function describe(resources: TreeResources): string {
  const { processes, rssBytes, descriptors, udpSockets, tcpListening, tcpConnected } = resources;
  const memory = `${Math.round(rssBytes / 2 ** 20)} MiB`;
  return `${processes.length} processes, ${memory}, ${descriptors} descriptors, ${udpSockets} UDP, ${tcpListening} TCP listening, ${tcpConnected} TCP connected`;
}
