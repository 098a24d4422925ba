// A server that does nothing but send pre-built frames to everybody as fast as they are taken, and answer commands
// without looking at them: what the generators reach against it is their own ceiling.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { serveGenerator } from '../load/generator-host.ts';
import { monotonicUs } from './monotonic.ts';
import { SendBook } from './send-book.ts';
import type { SendOutcome } from './sender-methods.ts';

const ID = /^\{"id":(\d+)/;
/** Above this many unsent bytes a viewer is waited for. */
const MAX_UNSENT_BYTES = 64 * 1024;
const TEXT_HEADER = [0x81, 126] as const;

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
const sockets = new Set<Socket>();
let offset = 0;

server.on('connection', (webSocket: WebSocket, request) => {
  const { socket } = request;
  sockets.add(socket);
  webSocket.on('close', () => sockets.delete(socket));
  webSocket.on('error', () => webSocket.terminate());
  webSocket.on('message', (data) => {
    const id = ID.exec(String(data))?.[1] ?? '0';
    webSocket.send(`{"id":${id},"result":{"offset":${offset}}}`);
  });
});

/** What this generator answers to. */
export type StubMethods = {
  readonly listen: (params: Record<string, never>) => Promise<{ readonly port: number }>;
  readonly blast: (params: { readonly seconds: number; readonly events: number }) => Promise<SendOutcome>;
};

const methods: StubMethods = {
  listen: async () => {
    if (!server.address()) await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port };
  },
  blast: async ({ seconds, events }) => {
    const book = new SendBook(offset);
    const endUs = monotonicUs() + seconds * 1e6;
    while (monotonicUs() < endUs) {
      const frame = buildFrame(events);
      book.send(offset, monotonicUs());
      for (const socket of sockets) socket.write(frame);
      book.settle({ id: offset, offset });
      while (isBehind()) await setImmediate();
      await setImmediate();
    }
    return book.outcome();
  },
};

function isBehind(): boolean {
  for (const socket of sockets) if (socket.writableLength > MAX_UNSENT_BYTES) return true;
  return false;
}

function buildFrame(events: number): Buffer {
  const text = `m${monotonicUs()} as long as a danmaku is in one line`;
  const list = Array.from({ length: events }, () =>
    JSON.stringify({ type: 'danmaku', offset: ++offset, id: 'x'.repeat(26), at: Date.now(), text }),
  );
  const payload = Buffer.from(`{"epoch":"stub","events":[${list.join(',')}]}`);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(payload.length);
  return Buffer.concat([Buffer.from(TEXT_HEADER), length, payload]);
}

serveGenerator(methods);
