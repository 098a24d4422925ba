// Lets two ICE-lite servers speak DTLS with each other: plays the controlling ICE agent towards both and carries DTLS
// packets between them. For the DTLS check only.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isBindingSuccess, isDtls, nominatingRequest } from './stun.ts';

const RETRANSMIT_MS = 200;

/** One ICE-lite server, on 127.0.0.1. */
export interface RelayEnd {
  readonly port: number;
  readonly usernameFragment: string;
  readonly password: string;
}

/** Relays between `a` and `b` until disposed. */
export async function relayDtls(a: RelayEnd, b: RelayEnd): Promise<AsyncDisposable> {
  const sockets = await Promise.all([openSocket(), openSocket()]);
  const toA = (packet: Buffer): void => sockets[0].send(packet, a.port, '127.0.0.1');
  const toB = (packet: Buffer): void => sockets[1].send(packet, b.port, '127.0.0.1');
  const timers = [serveEnd(a, sockets[0], toB), serveEnd(b, sockets[1], toA)];
  return {
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.close();
      await Promise.all(sockets.map((socket) => once(socket, 'close')));
    },
  };
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Nominates the pair with `end` and hands the DTLS packets that `end` sends to `carry`. */
function serveEnd(end: RelayEnd, socket: Socket, carry: (packet: Buffer) => void): NodeJS.Timeout {
  const ask = (): void =>
    socket.send(nominatingRequest(end.usernameFragment, end.password), end.port, '127.0.0.1');
  const timer = setInterval(ask, RETRANSMIT_MS);
  ask();
  socket.on('message', (packet) => {
    if (isBindingSuccess(packet)) clearInterval(timer);
    else if (isDtls(packet)) carry(packet);
  });
  return timer;
}
