// Who gets in over WebSocket, who is sent away and why, and what connections leave behind.
import t from 'tap';
import { startTestApp } from '../../support/test-app.ts';
import { WsClient } from '../../support/ws-client.ts';

t.test('hello must come first', async (t) => {
  const { origin } = await startTestApp(t);
  const client = await WsClient.connect(origin, 'demo');
  await t.rejects(client.call('ping', {}), { code: 'UNAUTHORIZED', message: /say hello first/ });
  t.ok(await client.call('hello', { protocol: 1 }));
});

t.test('who does not say hello in time is sent away', async (t) => {
  const { origin } = await startTestApp(t, { ws: { helloTimeoutMs: 50 } });
  const client = await WsClient.connect(origin, 'demo');
  t.match(await client.closed, { code: 4010 });
});

t.test('another version of the protocol is refused for good', async (t) => {
  const { origin } = await startTestApp(t);
  const client = await WsClient.connect(origin, 'demo');
  await t.rejects(client.call('hello', { protocol: 2 }), {
    code: 'BAD_REQUEST',
    message: /protocol 2/,
  });
  t.match(await client.closed, { code: 4501 });
});

t.test('a wrong token is refused for good, with its reason', async (t) => {
  const { origin } = await startTestApp(t);
  const client = await WsClient.connect(origin, 'demo');
  await t.rejects(client.call('hello', { protocol: 1, token: 'x' }), { code: 'UNAUTHORIZED' });
  t.match(await client.closed, { code: 4503, reason: /not a valid JWT/ });
});

t.test('a token gives its user name and role', async (t) => {
  const { origin, api } = await startTestApp(t);
  const grant = { room: 'demo', user: 'u1', name: 'Ann', role: 'host', expiresInS: 60 };
  const { token } = (await (await api('POST', '/tokens', grant)).json()) as { token: string };
  const { hello } = await WsClient.join(origin, 'demo', { token });
  t.same(hello.user, { id: 'u1', name: 'Ann', role: 'host' });
});

t.test('a room may forbid guests to chat, and want a token to watch', async (t) => {
  const { origin, api } = await startTestApp(t);
  await api('POST', '/rooms', { id: 'quiet', settings: { guestsMayChat: false } });
  await api('POST', '/rooms', { id: 'secret', settings: { private: true } });
  const { client } = await WsClient.join(origin, 'quiet');
  await t.rejects(client.call('danmaku.send', { text: 'x' }), { code: 'FORBIDDEN' });
  await t.rejects(client.call('like.send', { count: 1 }), { code: 'FORBIDDEN' });
  const stranger = await WsClient.connect(origin, 'secret');
  await t.rejects(stranger.call('hello', { protocol: 1 }), { code: 'UNAUTHORIZED' });
  t.match(await stranger.closed, { code: 4503 });
});

t.test('deleting a room sends its viewers away for good', async (t) => {
  const { origin, api } = await startTestApp(t);
  await api('POST', '/rooms', { id: 'r1' });
  const { client } = await WsClient.join(origin, 'r1');
  t.equal((await api('DELETE', '/rooms/r1')).status, 204);
  t.match(await client.closed, { code: 4505 });
});

t.test('a draining server asks everyone to come back', async (t) => {
  const { origin, app } = await startTestApp(t);
  const { client } = await WsClient.join(origin, 'demo');
  await app.drain();
  t.equal((await fetch(`${origin}/readyz`)).status, 503);
  await app.close('test');
  t.match(await client.closed, { code: 4009 });
  await t.rejects(WsClient.connect(origin, 'demo'));
});

t.test('a viewer who does not answer is cut off, and does not hold the server up', async (t) => {
  const { origin, app } = await startTestApp(t);
  const { client } = await WsClient.join(origin, 'demo');
  client.socket.pause();
  await app.close('test');
  client.socket.resume();
  t.match(await client.closed, { code: 4009 });
});

t.test('upgrades to nowhere are refused over HTTP', async (t) => {
  const { origin } = await startTestApp(t);
  await t.rejects(WsClient.connect(origin, 'nowhere'), { message: /404/ });
  await t.rejects(WsClient.connect(origin, '%zz'), { message: /404/ });
  await t.rejects(WsClient.connect(`${origin}/x`, 'demo'), { message: /404/ });
});

t.test('connections are limited in all and by address', async (t) => {
  const { origin } = await startTestApp(t, {
    ws: { maxConnections: 3, maxConnectionsPerAddress: 2 },
    http: { trustedProxies: 1 },
  });
  const from = (address: string) => WsClient.connect(origin, 'demo', { 'x-forwarded-for': address });
  const [first] = [await from('10.0.0.1'), await from('10.0.0.1')];
  await t.rejects(from('10.0.0.1'), { message: /429/ });
  await from('10.0.0.2');
  await t.rejects(from('10.0.0.3'), { message: /503/ });
  first.close();
  await first.closed;
  await t.resolves(from('10.0.0.3'));
});

t.test('a connection that answers no ping is ended', async (t) => {
  const { origin } = await startTestApp(t, { ws: { heartbeatMs: 30 } });
  const { client } = await WsClient.join(origin, 'demo');
  (client.socket as unknown as { _autoPong: boolean })._autoPong = false;
  t.match(await client.closed, { code: 1006 });
});

t.test('300 connects and disconnects leave nothing behind', async (t) => {
  const { origin, media } = await startTestApp(t);
  for (let round = 0; round < 3; round++) {
    const clients = await Promise.all(Array.from({ length: 100 }, () => WsClient.join(origin, 'demo')));
    await Promise.all(clients.map(({ client }) => client.call('danmaku.send', { text: 'x' })));
    for (const { client } of clients) client.close();
    await Promise.all(clients.map(({ client }) => client.closed));
  }
  const metrics = await (await fetch(`${origin}/metrics`)).text();
  t.match(metrics, /^barrage_websocket_connections 0$/m);
  t.match(metrics, /^barrage_viewers\{transport="websocket"\} 0$/m);
  t.equal(media.getRoom('demo').listenerCount('info'), 1);
});
