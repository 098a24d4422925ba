// The exchange of WHEP over real HTTP; the WebRTC behind it is a fake.
import t from 'tap';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const SDP = { 'content-type': 'application/sdp' };
const FRAGMENT = { 'content-type': 'application/trickle-ice-sdpfrag' };

function post(test: TestApp, path = '/live/demo/whep', init: RequestInit = {}): Promise<Response> {
  return fetch(test.origin + path, { method: 'POST', headers: SDP, body: 'v=0\r\n', ...init });
}

t.test('an offer is answered in one round trip with 201, Location and ETag', async (t) => {
  const test = await startTestApp(t);
  const response = await post(test);
  t.equal(response.status, 201);
  t.equal(response.headers.get('content-type'), 'application/sdp');
  t.match(response.headers.get('location'), /^\/live\/demo\/whep\/demo-1$/);
  t.match(response.headers.get('etag'), /^"\w+"$/);
  t.equal(response.headers.get('accept-patch'), 'application/trickle-ice-sdpfrag');
  t.equal(response.headers.get('access-control-allow-origin'), '*');
  t.match(response.headers.get('access-control-expose-headers'), /Location/);
  t.match(await response.text(), /answer/);
  const [session] = test.media.getRoom('demo').sessions;
  t.equal(session!.options.dataChannels, false);
});

t.test('a session ends with DELETE, once', async (t) => {
  const test = await startTestApp(t);
  const url = test.origin + (await post(test)).headers.get('location');
  t.equal((await fetch(url, { method: 'DELETE' })).status, 200);
  t.equal(test.media.getRoom('demo').sessions.size, 0);
  t.equal((await fetch(url, { method: 'DELETE' })).status, 404);
});

t.test('a session that ended by itself is gone', async (t) => {
  const test = await startTestApp(t);
  const url = test.origin + (await post(test)).headers.get('location');
  for (const session of test.media.getRoom('demo').sessions) session.close('ICE failed');
  t.equal((await fetch(url, { method: 'DELETE' })).status, 404);
});

t.test('PATCH trickles under the entity tag, restarts ICE under *, and refuses the rest', async (t) => {
  const test = await startTestApp(t);
  const made = await post(test);
  const url = test.origin + made.headers.get('location');
  const etag = made.headers.get('etag')!;
  const patch = (match: string | undefined, body: string) =>
    fetch(url, { method: 'PATCH', headers: { ...FRAGMENT, ...(match ? { 'if-match': match } : {}) }, body });
  t.equal((await patch(etag, 'a=candidate:1\r\n')).status, 204);
  t.equal((await patch(undefined, 'a=candidate:1\r\n')).status, 428);
  t.equal((await patch('"other"', 'a=candidate:1\r\n')).status, 412);
  const restarted = await patch('*', 'a=ice-ufrag:x\r\n');
  t.equal(restarted.status, 200);
  t.equal(restarted.headers.get('content-type'), 'application/trickle-ice-sdpfrag');
  t.not(restarted.headers.get('etag'), etag);
  t.equal((await patch(etag, 'a=candidate:1\r\n')).status, 412, 'the old tag is no longer good');
});

t.test('what is wrong with an offer is told by status and code', async (t) => {
  const test = await startTestApp(t);
  const table: [what: string, response: Promise<Response>, status: number, code: string][] = [
    ['an unknown room', post(test, '/live/nowhere/whep'), 404, 'ROOM_NOT_FOUND'],
    [
      'JSON',
      post(test, undefined, { headers: { 'content-type': 'application/json' }, body: '{}' }),
      415,
      'UNSUPPORTED_MEDIA',
    ],
    ['text', post(test, undefined, { headers: { 'content-type': 'text/plain' } }), 415, 'UNSUPPORTED_MEDIA'],
    ['nothing', post(test, undefined, { body: '' }), 400, 'BAD_REQUEST'],
    ['nonsense', post(test, undefined, { body: 'nonsense' }), 400, 'BAD_REQUEST'],
    [
      'a wrong token',
      post(test, undefined, { headers: { ...SDP, authorization: 'Bearer x' } }),
      401,
      'UNAUTHORIZED',
    ],
    ['nobody live, not waiting', post(test, '/live/demo/whep?wait=0'), 404, 'STREAM_NOT_LIVE'],
    ['GET', fetch(`${test.origin}/live/demo/whep`), 405, 'METHOD_NOT_ALLOWED'],
    ['PUT', post(test, undefined, { method: 'PUT' }), 405, 'METHOD_NOT_ALLOWED'],
    ['GET of a session', fetch(`${test.origin}/live/demo/whep/x`), 405, 'METHOD_NOT_ALLOWED'],
    ['an unknown session', fetch(`${test.origin}/live/demo/whep/x`, { method: 'DELETE' }), 404, 'NOT_FOUND'],
  ];
  for (const [what, pending, status, code] of table) {
    const response = await pending;
    t.match(await response.json(), { status, code }, what);
    t.equal(response.headers.get('access-control-allow-origin'), '*', what);
  }
});

t.test('a session of one room is not found under another', async (t) => {
  const test = await startTestApp(t);
  await test.api('POST', '/rooms', { id: 'r1' });
  await post(test);
  t.equal((await fetch(`${test.origin}/live/r1/whep/demo-1`, { method: 'DELETE' })).status, 404);
});

t.test('a private room wants a token for it', async (t) => {
  const test = await startTestApp(t);
  await test.api('POST', '/rooms', { id: 'secret', settings: { private: true } });
  t.equal((await post(test, '/live/secret/whep')).status, 401);
  const tokenFor = async (room: string) =>
    ((await (await test.api('POST', '/tokens', { room, user: 'u' })).json()) as { token: string }).token;
  const withToken = async (room: string) =>
    post(test, '/live/secret/whep', { headers: { ...SDP, authorization: `Bearer ${await tokenFor(room)}` } });
  t.equal((await withToken('demo')).status, 401);
  t.equal((await withToken('secret')).status, 201);
});

t.test('preflights are answered', async (t) => {
  const test = await startTestApp(t);
  const endpoint = await fetch(`${test.origin}/live/demo/whep`, { method: 'OPTIONS' });
  t.equal(endpoint.status, 204);
  t.match(endpoint.headers.get('access-control-allow-methods'), /POST/);
  t.equal(endpoint.headers.get('accept-post'), 'application/sdp');
  const session = await fetch(`${test.origin}/live/demo/whep/x`, { method: 'OPTIONS' });
  t.match(session.headers.get('access-control-allow-headers'), /If-Match/);
});

t.test('a closing server ends its viewers', async (t) => {
  const test = await startTestApp(t);
  await post(test);
  const [session] = test.media.getRoom('demo').sessions;
  await test.app.close('test');
  t.ok(session!.isClosed);
});
