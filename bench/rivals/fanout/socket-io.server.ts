// A Socket.IO server as its documents show one: everyone in a room, each message emitted to the room, callers
// answered by acknowledgement. WebSocket transport only, no compression; the adapter's in-memory default encodes a
// packet once for the whole room.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { createGuest, FanoutEvents } from './fanout-events.ts';

const ROOM = 'room';

const events = new FanoutEvents();
const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
io.on('connection', (socket) => {
  const user = createGuest();
  socket.on('hello', (ack: (answer: unknown) => void) => {
    void socket.join(ROOM);
    ack({ offset: events.offset });
  });
  socket.on('send', (text: string, ack: (answer: unknown) => void) => {
    const event = events.next(text, user);
    ack({ eventId: event.id, offset: event.offset });
    io.to(ROOM).emit('frame', events.frame([event]));
  });
});
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
