// Where settings come from and how mistakes are told, by table.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../config/load.ts';
import { readFlags } from '../../config/sources.ts';

t.test('without any source every setting has its default', async (t) => {
  const config = loadConfig();
  t.match(config.http, { host: '127.0.0.1', port: 8080 });
  t.match(config.rtmp, { host: '127.0.0.1', port: 1935, app: 'live' });
  t.match(config.webrtc, { host: '127.0.0.1', port: 44444 });
  t.equal(config.data.dir, './data');
  t.equal(config.demo, false);
});

t.test('flags win over the environment, which wins over the file', async (t) => {
  const file = join(
    t.testdir({ 'a.yaml': 'http:\n  port: 1\n  host: localhost\nrtmp:\n  port: 2\n' }),
    'a.yaml',
  );
  const env = { BARRAGE_HTTP__PORT: '3', BARRAGE_RTMP__PORT: '4' };
  const config = loadConfig({ file, env, flags: readFlags(['--http.port=5']).values });
  t.equal(config.http.port, 5);
  t.equal(config.rtmp.port, 4);
  t.equal(config.http.host, 'localhost');
});

t.test('a section with nothing but comments in it means the defaults', async (t) => {
  const file = join(t.testdir({ 'a.yaml': 'http:\n  # port: 1\nrtmp:\n' }), 'a.yaml');
  t.equal(loadConfig({ file }).http.port, 8080);
});

t.test('an empty file means the defaults', async (t) => {
  const file = join(t.testdir({ 'a.yaml': '' }), 'a.yaml');
  t.equal(loadConfig({ file }).http.port, 8080);
});

const env = (name: string, value: string) => ({ env: { [name]: value } });
const wrong: [what: string, sources: Parameters<typeof loadConfig>[0] | string, message: RegExp][] = [
  [
    'an unknown section',
    'htp:\n  port: 1\n',
    /^htp is not a setting; did you mean http\? \(file .*a\.yaml\)$/,
  ],
  ['an unknown key', 'http:\n  prot: 1\n', /^http\.prot is not a setting; did you mean http\.port\?/],
  ['an unknown key far from any', 'http:\n  zzzzzzzzz: 1\n', /^http\.zzzzzzzzz is not a setting \(/],
  [
    'an unknown key in a list',
    'ladder:\n  rungs: [{name: a, hight: 3}]\n',
    /ladder\.rungs\.0\.hight .*ladder\.rungs\.0\.height/,
  ],
  [
    'a wrong kind',
    'http:\n  port: soon\n',
    /^http\.port: "soon" is not right, it must be a whole number from 0 to 65535 \(file/,
  ],
  ['a number out of range', 'http:\n  port: 70000\n', /^http\.port: 70000 .* from 0 to 65535/],
  ['a section that is a value', 'http: 8080\n', /^http: 8080 is not right, it must be a group of settings/],
  ['a wrong choice', 'log:\n  level: loud\n', /"loud" .* one of debug, info, warn, error, silent/],
  ['a file that is no map', '- a\n', /must hold settings/],
  ['a file that is no YAML', 'a: [\n', /config file .*a\.yaml/],
  ['a missing file', { file: '/nonexistent/b.yaml' }, /b\.yaml.*ENOENT/],
  [
    'a wrong value in the environment',
    env('BARRAGE_HTTP__PORT', 'x'),
    /http\.port: "x" .*\(environment variable BARRAGE_HTTP__PORT\)/,
  ],
  [
    'an unknown name in the environment',
    env('BARRAGE_HTP__PORT', '1'),
    /BARRAGE_HTP__PORT is not a setting; did you mean BARRAGE_HTTP__PORT\?/,
  ],
  ['a list that is no JSON', env('BARRAGE_LADDER__RUNGS', '[oops'), /ladder\.rungs: "\[oops" .* a list/],
  ['a certificate without a key', env('BARRAGE_HTTP__TLS__CERT', 'a.pem'), /cert and key go together/],
  [
    'a part longer than a segment',
    env('BARRAGE_HLS__PARTMS', '2000') && {
      env: { BARRAGE_HLS__PARTMS: '2000', BARRAGE_HLS__SEGMENTMS: '1000' },
    },
    /hls\.partMs: 2000/,
  ],
  ['a drain longer than the deadline', env('BARRAGE_SHUTDOWN__DRAINMS', '20000'), /shutdown\.drainMs/],
  ['buffers out of order', env('BARRAGE_WS__CHATBUFFEREDBYTES', '0'), /pulseBufferedBytes/],
];
for (const [what, given, message] of wrong) {
  t.test(`${what} is refused with a message that helps`, async (t) => {
    const sources =
      typeof given === 'string' ? { file: join(t.testdir({ 'a.yaml': given }), 'a.yaml') } : given;
    t.throws(() => loadConfig(sources), { code: 'CONFIG_INVALID', message });
  });
}

t.test('every mistake is told at once', async (t) => {
  const file = join(t.testdir(), 'a.yaml');
  writeFileSync(file, 'http:\n  port: x\nrtmp:\n  prot: 1\n');
  t.throws(() => loadConfig({ file }), { message: /http\.port.*\n.*rtmp\.prot|rtmp\.prot.*\n.*http\.port/ });
});

t.test('a wrong secret is not shown in the message', async (t) => {
  const file = join(t.testdir({ 'a.yaml': 'auth:\n  adminToken: 123456\n' }), 'a.yaml');
  t.throws(() => loadConfig({ file }), { message: /auth\.adminToken: the value given/ });
});
