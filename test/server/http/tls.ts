// The same server over TLS.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import t from 'tap';
import { startTestApp } from '../../support/test-app.ts';
import { WsClient } from '../../support/ws-client.ts';

/** A self-signed certificate in a folder. */
function makeCertificate(dir: string): { cert: string; key: string } {
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const args = ['req', ...kind, '-subj', '/CN=localhost', '-keyout', key, '-out', cert];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return { cert, key };
}

t.test('with a certificate the server speaks HTTP/2, HTTP/1.1 and WebSocket over TLS', async (t) => {
  const tls = makeCertificate(t.testdir());
  const { origin, media } = await startTestApp(t, {
    http: { tls },
    data: { dir: join(t.testdirName, 'data') },
  });

  const session = connect(origin, { rejectUnauthorized: false });
  t.teardown(() => session.destroy());
  const status = await new Promise((resolve, reject) => {
    session.on('error', reject);
    const stream = session.request({
      ':path': '/live/demo/whep',
      ':method': 'POST',
      'content-type': 'application/sdp',
    });
    stream.on('response', (headers) => resolve([headers[':status'], headers['strict-transport-security']]));
    stream.resume();
    stream.end('v=0\r\n');
  });
  t.same(status, [201, 'max-age=31536000']);

  media.getRoom('demo').files.set('index.m3u8', {
    ...{ contentType: 'application/vnd.apple.mpegurl', cacheControl: 'public, max-age=1' },
    ...{ body: Buffer.from('#EXTM3U\n'), compressible: true, etag: 'W/"v1"' },
  });
  const playlist = session.request({ ':path': '/live/demo/index.m3u8' });
  const [[headers], body] = await Promise.all([once(playlist, 'response'), readText(playlist)]);
  t.match(headers, {
    ...{ ':status': 200, 'content-type': 'application/vnd.apple.mpegurl', etag: 'W/"v1"' },
    ...{ 'access-control-allow-origin': '*', 'strict-transport-security': 'max-age=31536000' },
  });
  t.equal(body, '#EXTM3U\n');

  const version = await new Promise((resolve, reject) => {
    request(`${origin}/healthz`, { rejectUnauthorized: false }, (response) => {
      response.resume();
      resolve(`${response.httpVersion} ${response.statusCode}`);
    })
      .on('error', reject)
      .end();
  });
  t.equal(version, '1.1 200');

  const { client } = await WsClient.join(origin, 'demo');
  await client.call('danmaku.send', { text: 'over TLS' });
  await client.until((events) => events.some((event) => event.type === 'danmaku'));
});

t.test('an open HTTP/2 connection does not hold the server up', async (t) => {
  const tls = makeCertificate(t.testdir());
  const { origin, app } = await startTestApp(t, {
    http: { tls },
    data: { dir: join(t.testdirName, 'data') },
  });
  const session = connect(origin, { rejectUnauthorized: false });
  session.on('error', () => undefined);
  await once(session, 'connect');
  const gone = once(session, 'close');
  await app.close('test');
  t.ok(await gone);
});

t.test('a certificate that cannot be read is named', async (t) => {
  const tls = { cert: '/nonexistent/cert.pem', key: '/nonexistent/key.pem' };
  await t.rejects(startTestApp(t, { http: { tls } }), {
    code: 'CONFIG_INVALID',
    message: /http\.tls\.cert: ENOENT/,
  });
});
