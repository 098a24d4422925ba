// The API over real HTTP: what it does, and every error it answers.
import t from 'tap';
import { startTestApp } from '../../support/test-app.ts';
import { WsClient } from '../../support/ws-client.ts';

type Json = Record<string, unknown>;

async function json(response: Response): Promise<Json> {
  return (await response.json()) as Json;
}

t.test('a room is made, read, changed and deleted', async (t) => {
  const { api } = await startTestApp(t);
  const made = await api('POST', '/rooms', { id: 'r1', title: 'First' });
  t.equal(made.status, 201);
  const room = await json(made);
  t.match(room, {
    id: 'r1',
    title: 'First',
    streamKey: /^[\w-]{32}$/,
    state: 'waiting',
    viewers: 0,
    settings: { private: false },
  });
  t.same(await json(await api('GET', '/rooms/r1')), room);
  const changed = await api('PATCH', '/rooms/r1', { title: 'New', settings: { private: true } });
  t.match(await json(changed), { title: 'New', settings: { private: true }, streamKey: room['streamKey'] });
  t.match(await json(await api('PATCH', '/rooms/r1', { settings: { guestsMayChat: false } })), {
    title: 'New',
    settings: { private: true, guestsMayChat: false },
  });
  t.equal((await api('DELETE', '/rooms/r1')).status, 204);
  t.equal((await api('GET', '/rooms/r1')).status, 404);
});

t.test('a room without an id gets one', async (t) => {
  const { api } = await startTestApp(t);
  for (const body of [{}, undefined]) {
    const room = await json(await api('POST', '/rooms', body));
    t.match(room, { id: /^[a-z0-9]+$/, title: room['id'] });
  }
});

t.test('the list of rooms holds no stream keys', async (t) => {
  const { api } = await startTestApp(t);
  await api('POST', '/rooms', { id: 'r1' });
  const { rooms } = (await json(await api('GET', '/rooms'))) as { rooms: Json[] };
  t.same(
    rooms.map((room) => room['id']),
    ['demo', 'r1'],
  );
  t.notMatch(JSON.stringify(rooms), /streamKey/);
});

t.test('rotating the stream key gives another one', async (t) => {
  const { api } = await startTestApp(t);
  const before = await json(await api('GET', '/rooms/demo'));
  const after = await json(await api('POST', '/rooms/demo/stream-key'));
  t.not(after['streamKey'], before['streamKey']);
  t.same(await json(await api('GET', '/rooms/demo')), after);
});

t.test('rooms and their keys outlive a restart', async (t) => {
  const first = await startTestApp(t);
  const room = await json(
    await first.api('POST', '/rooms', { id: 'r1', settings: { guestsMayChat: false } }),
  );
  await first.app.close('restart');
  const second = await startTestApp(t, { data: { dir: first.dataDir } });
  t.same(await json(await second.api('GET', '/rooms/r1')), room);
  t.equal(second.app.adminToken, first.app.adminToken);
});

t.test('like totals outlive a restart', async (t) => {
  const first = await startTestApp(t);
  const { client } = await WsClient.join(first.origin, 'demo');
  t.same(await client.call('like.send', { count: 42 }), { total: 42 });
  await first.app.close('restart');
  const second = await startTestApp(t, { data: { dir: first.dataDir } });
  t.equal((await WsClient.join(second.origin, 'demo')).hello.snapshot.likes, 42);
});

t.test('streams are listed and their publishers kicked', async (t) => {
  const { api, media } = await startTestApp(t);
  t.same(await json(await api('GET', '/streams')), { streams: [] });
  t.match(await json(await api('DELETE', '/streams/demo')), { status: 404, code: 'STREAM_NOT_LIVE' });
  media.getRoom('demo').setInfo({ state: 'live', sinceMs: 1, layers: [] });
  t.match(await json(await api('GET', '/streams')), {
    streams: [{ room: 'demo', state: 'live', renditions: [], viewers: { total: 0 } }],
  });
  t.equal((await api('DELETE', '/streams/demo')).status, 204);
  t.same(await json(await api('GET', '/streams')), { streams: [] });
});

t.test('tokens are issued for rooms there are', async (t) => {
  const { api } = await startTestApp(t);
  const made = await api('POST', '/tokens', { room: 'demo', user: 'u1' });
  t.equal(made.status, 201);
  t.match(await json(made), { token: /^[\w-]+\.[\w-]+\.[\w-]+$/ });
  t.match(await json(await api('POST', '/tokens', { room: 'x', user: 'u1' })), { code: 'ROOM_NOT_FOUND' });
});

t.test('a JWT with role admin opens the API', async (t) => {
  const { api, origin } = await startTestApp(t);
  for (const [role, status] of [
    ['admin', 200],
    ['host', 403],
  ] as const) {
    const { token } = await json(await api('POST', '/tokens', { room: 'demo', user: 'u', role }));
    const response = await fetch(`${origin}/api/v1/rooms`, { headers: { authorization: `Bearer ${token}` } });
    t.equal(response.status, status);
  }
});

const wrong: [method: string, path: string, body: unknown, status: number, code: string][] = [
  ['POST', '/rooms', { id: 'demo' }, 409, 'CONFLICT'],
  ['POST', '/rooms', { id: 'no spaces' }, 400, 'BAD_REQUEST'],
  ['POST', '/rooms', { id: '../x' }, 400, 'BAD_REQUEST'],
  ['POST', '/rooms', { id: 'x'.repeat(65) }, 400, 'BAD_REQUEST'],
  ['POST', '/rooms', { title: '' }, 400, 'BAD_REQUEST'],
  ['POST', '/rooms', { settings: { private: 'yes' } }, 400, 'BAD_REQUEST'],
  ['POST', '/rooms', [], 400, 'BAD_REQUEST'],
  ['GET', '/rooms/nowhere', undefined, 404, 'ROOM_NOT_FOUND'],
  ['PATCH', '/rooms/nowhere', {}, 404, 'ROOM_NOT_FOUND'],
  ['DELETE', '/rooms/nowhere', undefined, 404, 'ROOM_NOT_FOUND'],
  ['POST', '/rooms/nowhere/stream-key', undefined, 404, 'ROOM_NOT_FOUND'],
  ['DELETE', '/streams/nowhere', undefined, 404, 'ROOM_NOT_FOUND'],
  ['POST', '/tokens', { room: 'demo' }, 400, 'BAD_REQUEST'],
  ['POST', '/tokens', { room: 'demo', user: 'u', role: 'king' }, 400, 'BAD_REQUEST'],
  ['POST', '/tokens', { room: 'demo', user: 'u', expiresInS: 0 }, 400, 'BAD_REQUEST'],
  ['GET', '/nothing', undefined, 404, 'NOT_FOUND'],
  ['PUT', '/rooms', {}, 404, 'NOT_FOUND'],
];
t.test('errors are problems with a stable code', async (t) => {
  const { api } = await startTestApp(t);
  for (const [method, path, body, status, code] of wrong) {
    const response = await api(method, path, body);
    const problem = await json(response);
    t.equal(response.status, status, `${method} ${path}`);
    t.equal(response.headers.get('content-type'), 'application/problem+json');
    t.match(problem, { type: 'about:blank', status, code, title: String, detail: String, retryable: false });
    t.equal(problem['requestId'], response.headers.get('x-request-id'));
  }
});

t.test('nothing of the API answers without the admin token', async (t) => {
  const { origin } = await startTestApp(t);
  const ways: [method: string, path: string][] = [
    ['GET', '/rooms'],
    ['POST', '/rooms'],
    ['GET', '/rooms/demo'],
    ['PATCH', '/rooms/demo'],
    ['DELETE', '/rooms/demo'],
    ['POST', '/rooms/demo/stream-key'],
    ['POST', '/tokens'],
    ['GET', '/streams'],
    ['DELETE', '/streams/demo'],
  ];
  for (const [method, path] of ways) {
    for (const authorization of ['', 'Bearer wrong', 'Basic x']) {
      const response = await fetch(`${origin}/api/v1${path}`, { method, headers: { authorization } });
      t.equal(response.status, 401, `${method} ${path} with "${authorization}"`);
      t.equal(response.headers.get('www-authenticate'), 'Bearer');
      t.match(await json(response), { code: 'UNAUTHORIZED' });
    }
  }
});

t.test('bodies that are too large, no JSON, or of another type are refused', async (t) => {
  const { origin, app } = await startTestApp(t, { http: { maxBodyBytes: 1024 } });
  const post = (body: string, type: string) =>
    fetch(`${origin}/api/v1/rooms`, {
      method: 'POST',
      headers: { authorization: `Bearer ${app.adminToken}`, 'content-type': type },
      body,
    });
  const table: [body: string, type: string, status: number, code: string][] = [
    [JSON.stringify({ title: 'x'.repeat(2000) }), 'application/json', 413, 'TOO_LARGE'],
    ['{', 'application/json', 400, 'BAD_REQUEST'],
    ['a=b', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA'],
  ];
  for (const [body, type, status, code] of table) {
    const response = await post(body, type);
    t.match(await json(response), { status, code });
  }
});

t.test('the OpenAPI document names every operation with its schemas and errors', async (t) => {
  const { origin } = await startTestApp(t);
  const document = await json(await fetch(`${origin}/openapi.json`));
  t.match(document, {
    openapi: '3.1.0',
    paths: {
      '/api/v1/rooms': {
        post: {
          operationId: 'createRoom',
          requestBody: { content: { 'application/json': { schema: { properties: { id: Object } } } } },
          responses: { 201: { content: Object }, 409: { description: /CONFLICT/ } },
        },
        get: Object,
      },
      '/api/v1/rooms/{room}': {
        get: { parameters: [{ name: 'room', in: 'path' }] },
        patch: Object,
        delete: Object,
      },
      '/api/v1/rooms/{room}/stream-key': { post: Object },
      '/api/v1/tokens': { post: Object },
      '/api/v1/streams': { get: Object },
      '/api/v1/streams/{room}': { delete: Object },
    },
  });
});
