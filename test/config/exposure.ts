// What may be listened on in public, by table.
import t from 'tap';
import { isLoopback, isWeakSecret } from '../../config/exposure.ts';
import { loadConfig } from '../../config/load.ts';

t.test('loopback addresses are told from public ones', async (t) => {
  for (const host of ['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'localhost', '::ffff:127.0.0.1']) {
    t.ok(isLoopback(host), host);
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.evil.example', '']) {
    t.notOk(isLoopback(host), host);
  }
});

t.test('short, common and monotonous secrets are weak', async (t) => {
  for (const secret of ['short', 'changeme', 'password-1234567', 'aaaaaaaaaaaaaaaaaaaa', '12345678901234']) {
    t.ok(isWeakSecret(secret), secret);
  }
  t.notOk(isWeakSecret('k3jH-91xQpTz0aLm_77'));
});

const tls = { BARRAGE_HTTP__TLS__CERT: 'a', BARRAGE_HTTP__TLS__KEY: 'b' };
const refused: [what: string, env: Record<string, string>, message: RegExp][] = [
  [
    'HTTP without TLS',
    { BARRAGE_HTTP__HOST: '0.0.0.0' },
    /http\.host 0\.0\.0\.0 is public, but there is no TLS/,
  ],
  ['RTMP', { ...tls, BARRAGE_HTTP__HOST: '0.0.0.0', BARRAGE_RTMP__HOST: '::' }, /rtmp\.host :: is public/],
  [
    'a weak admin token',
    { ...tls, BARRAGE_HTTP__HOST: '0.0.0.0', BARRAGE_AUTH__ADMINTOKEN: 'changeme' },
    /auth\.adminToken is too weak/,
  ],
];
for (const [what, env, message] of refused) {
  t.test(`a public address with ${what} is refused unless it is meant`, async (t) => {
    t.throws(() => loadConfig({ env }), { code: 'CONFIG_INVALID', message });
    t.throws(() => loadConfig({ env }), { message: /--insecure-public/ });
    t.ok(loadConfig({ env: { ...env, BARRAGE_INSECUREPUBLIC: 'true' } }).insecurePublic);
  });
}

t.test('a public address with TLS and random secrets is fine', async (t) => {
  t.equal(loadConfig({ env: { ...tls, BARRAGE_HTTP__HOST: '0.0.0.0' } }).http.host, '0.0.0.0');
});

t.test('on loopback a weak secret is allowed', async (t) => {
  t.equal(loadConfig({ env: { BARRAGE_AUTH__ADMINTOKEN: 'x' } }).auth.adminToken, 'x');
});
