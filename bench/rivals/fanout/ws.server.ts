// What people write first: a `ws` server that sends each message to everyone in a loop. It speaks the messages of
// this project's protocol, without its checks and limits. With `batched` it gathers 50 ms first, as ours does.
// permessage-deflate is off; each message is turned into text once.
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { CommandFrame, NumberedEvent, UserInfo } from '../../../server/protocol/wire.ts';
import { createGuest, FanoutEvents } from './fanout-events.ts';

const TICK_MS = 50;

const isBatched = process.argv[2] === 'batched';
const events = new FanoutEvents();
const viewers = new Set<WebSocket>();
const waiting: NumberedEvent[] = [];

function broadcast(gathered: readonly NumberedEvent[]): void {
  const text = JSON.stringify(events.frame(gathered));
  for (const viewer of viewers) if (viewer.readyState === viewer.OPEN) viewer.send(text);
}

function publish(event: NumberedEvent): void {
  if (isBatched) waiting.push(event);
  else broadcast([event]);
  if (waiting.length === 1) setTimeout(() => broadcast(waiting.splice(0)), TICK_MS);
}

function answer(viewer: WebSocket, user: UserInfo, data: RawData): void {
  const command = JSON.parse(data.toString()) as CommandFrame;
  if (command.method === 'hello') {
    viewers.add(viewer);
    viewer.send(JSON.stringify({ id: command.id, result: { offset: events.offset } }));
    return;
  }
  const { text } = command.params as CommandFrame<'danmaku.send'>['params'];
  const event = events.next(text, user);
  viewer.send(JSON.stringify({ id: command.id, result: { eventId: event.id, offset: event.offset } }));
  publish(event);
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (viewer) => {
  const user = createGuest();
  viewer.on('message', (data) => answer(viewer, user, data));
  viewer.on('close', () => viewers.delete(viewer));
  viewer.on('error', () => viewer.terminate());
});
server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());
