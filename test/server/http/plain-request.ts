// The narrow reader of plain requests: what it reads it reads right, everything unusual it leaves alone.
import fc from 'fast-check';
import t from 'tap';
import { readPlainRequest } from '../../../server/http/plain-request.ts';

const LINE = 'GET /live/demo/720p/index.m3u8 HTTP/1.1\r\n';

t.test('a plain request is read, and no more than it', async (t) => {
  const head = `${LINE}Host: localhost:8080\r\nUser-Agent:  a (b; c) \r\nconnection: Keep-Alive\r\n\r\n`;
  const request = readPlainRequest(`${head}GET /next HTTP/1.1\r\n`);
  t.equal(request?.method, 'GET');
  t.equal(request?.url, '/live/demo/720p/index.m3u8');
  t.equal(request?.length, head.length);
  t.strictSame(
    { ...request?.headers },
    { host: 'localhost:8080', 'user-agent': 'a (b; c)', connection: 'Keep-Alive' },
  );
  t.equal(readPlainRequest('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n')?.method, 'HEAD');
});

t.test('whatever Node might understand differently is left to Node', async (t) => {
  const table = {
    'a body with a length': `${LINE}Host: x\r\nContent-Length: 3\r\n\r\nabc`,
    'a length of nothing': `${LINE}Host: x\r\nContent-Length: 0\r\n\r\n`,
    'a chunked body': `${LINE}Host: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'an upgrade': `${LINE}Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    'a wish to close': `${LINE}Host: x\r\nConnection: close\r\n\r\n`,
    'an expectation': `${LINE}Host: x\r\nExpect: 100-continue\r\n\r\n`,
    'no host': `${LINE}Accept: */*\r\n\r\n`,
    'two hosts': `${LINE}Host: x\r\nHost: y\r\n\r\n`,
    'a name twice in different case': `${LINE}Host: x\r\nX-A: 1\r\nx-a: 2\r\n\r\n`,
    'a folded line': `${LINE}Host: x\r\nX-A: 1\r\n 2\r\n\r\n`,
    'a space before the colon': `${LINE}Host : x\r\n\r\n`,
    'bare line feeds': `${LINE.replace('\r', '')}Host: x\n\n`,
    'a bare carriage return in a value': `${LINE}Host: x\r\nX-A: 1\r2\r\n\r\n`,
    'bytes beyond ASCII': `${LINE}Host: x\r\nX-A: \xe4\r\n\r\n`,
    'a query': 'GET /live/demo/index.m3u8?token=x HTTP/1.1\r\nHost: x\r\n\r\n',
    'an escape': 'GET /live/demo/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n',
    'an absolute address': 'GET http://x/live/demo/index.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n',
    'another method': 'POST /live/demo/index.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n',
    'an older version': 'GET /live/demo/index.m3u8 HTTP/1.0\r\nHost: x\r\n\r\n',
    'an empty line first': `\r\n${LINE}Host: x\r\n\r\n`,
    'a head too long': `${LINE}Host: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`,
  };
  for (const [what, text] of Object.entries(table)) t.equal(readPlainRequest(text), undefined, what);
});

const field = fc.tuple(
  fc.stringMatching(/^X-[A-Za-z0-9-]{1,12}$/),
  fc.stringMatching(/^([!-~]([ -~]{0,20}[!-~])?)?$/),
);

t.test('plain heads are read whole or not at all', async (t) => {
  const property = fc.property(
    fc.uniqueArray(field, { maxLength: 6, selector: ([name]) => name.toLowerCase() }),
    fc.nat(),
    (fields, cut) => {
      const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      const head = `${LINE}Host: x\r\n${lines}\r\n`;
      const whole = readPlainRequest(head);
      const same = fields.every(([name, value]) => whole?.headers[name.toLowerCase()] === value);
      return same && whole?.length === head.length && !readPlainRequest(head.slice(0, cut % head.length));
    },
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 300 }));
});

t.test('any text is read without a throw', async (t) => {
  const property = fc.property(fc.string({ unit: 'binary-ascii' }), (tail) => {
    readPlainRequest(LINE + tail);
    readPlainRequest(tail);
  });
  t.doesNotThrow(() => fc.assert(property));
});
