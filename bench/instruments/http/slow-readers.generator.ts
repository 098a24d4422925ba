// The process of clients that ask for much and take it a kilobyte a second: what a server holds for them shows
// whether its memory has a bound.
import { connect, type Socket } from 'node:net';
import { serveGenerator } from '../load/generator-host.ts';
import type { HttpAddress } from './keep-alive-connection.ts';

const READ_BYTES = 1024;
const READ_EVERY_MS = 1_000;

export interface SlowReadersOptions extends HttpAddress {
  readonly readers: number;
  /** Asked for at once, one request behind the other: more than the sockets' buffers take. */
  readonly paths: readonly string[];
}

/** Whether the server has cut one off shows at the server only: what it sent before is still to be read here. */
export interface SlowReadersState {
  readonly received: number;
}

const sockets = new Set<Socket>();
let received = 0;

setInterval(() => {
  for (const socket of sockets) socket.resume();
}, READ_EVERY_MS);

const methods = {
  /** Adds readers. */
  start({ host, port, readers, paths }: SlowReadersOptions): void {
    const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`).join('');
    for (let reader = 0; reader < readers; reader++) sockets.add(openReader({ host, port }, requests));
  },

  state: (): SlowReadersState => ({ received }),
};

function openReader(address: HttpAddress, requests: string): Socket {
  const socket = connect({
    ...address,
    onread: {
      buffer: Buffer.alloc(READ_BYTES),
      callback: (bytes) => {
        received += bytes;
        // Nothing more until the next tick.
        return false;
      },
    },
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
  socket.write(requests);
  return socket;
}

export type SlowReadersMethods = typeof methods;

serveGenerator(methods, () => {
  for (const socket of sockets) socket.destroy();
});
