// The load generator's HTTP parser: whatever way the bytes arrive.
import fc from 'fast-check';
import t from 'tap';
import { type HttpAnswer, ResponseParser } from '../../../../bench/instruments/http/response-parser.ts';

interface Sent {
  readonly status: number;
  readonly body: Buffer;
  readonly framing: 'length' | 'chunked';
  readonly interim: boolean;
}

const response: fc.Arbitrary<Sent> = fc.record({
  status: fc.constantFrom(200, 206, 404, 503),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  framing: fc.constantFrom('length', 'chunked'),
  interim: fc.boolean(),
});

function render({ status, body, framing, interim }: Sent): Buffer {
  const early = interim ? 'HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n' : '';
  const start = `${early}HTTP/1.1 ${status} Whatever\r\nX-Other: content-length: 7\r\n`;
  if (framing === 'length') {
    return Buffer.concat([Buffer.from(`${start}Content-Length: ${body.length}\r\n\r\n`), body]);
  }
  const parts = [body.subarray(0, 100), body.subarray(100)].filter((part) => part.length > 0);
  const chunks = parts.flatMap((part) => [
    Buffer.from(`${part.length.toString(16)};ext=1\r\n`),
    part,
    Buffer.from('\r\n'),
  ]);
  const end = Buffer.from('0\r\nX-Trailer: 1\r\n\r\n');
  return Buffer.concat([Buffer.from(`${start}transfer-encoding: chunked\r\n\r\n`), ...chunks, end]);
}

t.test('responses are read the same however the bytes are cut', async (t) => {
  const property = fc.property(
    fc.array(response, { minLength: 1, maxLength: 4 }),
    fc.array(fc.nat(), { maxLength: 20 }),
    (sent, cuts) => {
      const answers: HttpAnswer[] = [];
      const parser = new ResponseParser((answer) => {
        answers.push(answer);
        parser.expect({ keepBody: true });
      });
      parser.expect({ keepBody: true });
      const bytes = Buffer.concat(sent.map(render));
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
      const reused = Buffer.alloc(bytes.length);
      for (const [index, from] of places.slice(0, -1).entries()) {
        // As the socket does, into the same memory each time.
        const length = bytes.copy(reused, 0, from, places[index + 1]);
        parser.push(reused.subarray(0, length));
      }
      const seen = answers.map(({ status, body, bytes: count }) => ({
        status,
        count,
        hex: body?.toString('hex'),
      }));
      const wanted = sent.map(({ status, body }) => ({
        ...{ status, count: body.length, hex: body.toString('hex') },
      }));
      return JSON.stringify(seen) === JSON.stringify(wanted);
    },
  );
  t.doesNotThrow(() => fc.assert(property, { numRuns: 300 }));
});

function parse(text: string, expected = { keepBody: false }): HttpAnswer[] {
  const answers: HttpAnswer[] = [];
  const parser = new ResponseParser((answer) => answers.push(answer));
  parser.expect(expected);
  parser.push(Buffer.from(text));
  return answers;
}

t.test('answers without a body, to HEAD and those that end the connection are known', async (t) => {
  t.match(parse('HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'), [
    { status: 304, bytes: 0, closes: false },
  ]);
  t.match(
    parse('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', { keepBody: false, headOnly: true } as never),
    [{ status: 200, bytes: 0 }],
  );
  t.match(parse('HTTP/1.1 503 No\r\nConnection: close\r\ncontent-length: 2\r\n\r\nno'), [
    { status: 503, bytes: 2, closes: true },
  ]);
});

t.test('what is no response, has no length or was not asked for is an error', async (t) => {
  t.throws(() => parse('SSH-2.0-x\r\n\r\n\r\n'), { message: /no HTTP\/1\.1 response/ });
  t.throws(() => parse('HTTP/1.1 200 OK\r\n\r\n'), { message: /without a length/ });
  t.throws(() => parse('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'), {
    message: /chunk size/,
  });
  const twice = 'HTTP/1.1 204 No Content\r\n\r\n'.repeat(2);
  t.throws(() => parse(twice), { message: /nobody asked/ });
  t.throws(() => parse('x'.repeat(70_000)), { message: /a head of more than/ });
});
