// The total of likes a room stands at, as hello tells it to anybody who comes.
import { type HelloResult, PROTOCOL_VERSION } from '../../../server/protocol/wire.ts';

const TIMEOUT_MS = 10_000;

/** Asks the room of a server; throws when it does not answer. */
export async function readLikes(origin: string, room: string): Promise<number> {
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/live/${room}/ws`);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error(`no hello from ${room} in time`)), TIMEOUT_MS);
  socket.onopen = () =>
    socket.send(JSON.stringify({ id: 1, method: 'hello', params: { protocol: PROTOCOL_VERSION } }));
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { id?: number; result?: HelloResult };
    if (id === 1 && result) resolve(result.snapshot.likes);
  };
  socket.onclose = () => reject(new Error(`${room} closed the connection`));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    socket.onclose = null;
    socket.close();
  }
}
