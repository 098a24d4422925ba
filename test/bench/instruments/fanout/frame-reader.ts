// WebSocket frames cut out of any chunks, and a client's frames as a real server reads them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { WebSocketServer } from 'ws';
import { FrameReader, OPCODES } from '../../../../bench/instruments/fanout/frame-reader.ts';
import { LightSocket } from '../../../../bench/instruments/fanout/light-socket.ts';
import { encodeTextFrame } from '../../../../server/ws/text-frame.ts';

/** Frames written one after another, arriving in chunks of the given lengths. */
function readInChunks(bytes: Buffer, cuts: readonly number[]): string[] {
  const read: string[] = [];
  const reader = new FrameReader((_opcode, payload) => read.push(payload.toString()));
  // One buffer for all chunks, written over each time, as a shared read buffer is.
  const shared = Buffer.alloc(bytes.length);
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  let start = 0;
  for (const end of ends) {
    const length = bytes.copy(shared, 0, start, end);
    reader.push(shared.subarray(0, length));
    shared.fill(0xff);
    start = end;
  }
  return read;
}

t.test('whatever the chunks, the messages come whole and in order', async (t) => {
  const lengths = fc.oneof(fc.nat(200), fc.constantFrom(125, 126, 65_535, 65_536));
  const check = () =>
    fc.assert(
      fc.property(
        fc.array(lengths, { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (sizes, cuts) => {
          const texts = sizes.map((size, index) => String.fromCharCode(97 + index).repeat(size));
          const read = readInChunks(Buffer.concat(texts.map(encodeTextFrame)), cuts);
          assert.deepEqual(read, texts);
        },
      ),
      { numRuns: 60 },
    );
  t.doesNotThrow(check);
});

t.test('a message in several frames is put together, around a ping', async (t) => {
  const frame = (first: number, text: string) =>
    Buffer.concat([Buffer.from([first, text.length]), Buffer.from(text)]);
  const read: string[] = [];
  const reader = new FrameReader((opcode, payload) => read.push(`${opcode} ${payload}`));
  reader.push(
    Buffer.concat([frame(0x01, 'one '), frame(0x89, 'ping'), frame(0x00, 'and '), frame(0x80, 'two')]),
  );
  t.same(read, [`${OPCODES.ping} ping`, `${OPCODES.text} one and two`]);
});

t.test('what no server may send is refused', async (t) => {
  const reader = new FrameReader(() => undefined);
  t.throws(() => reader.push(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 97])), /masked/);
  const huge = Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]);
  t.throws(() => new FrameReader(() => undefined).push(huge), /4294967296 bytes/);
});

t.test('a real server reads its frames of every size, and its pings are answered', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.teardown(() => server.close());
  await once(server, 'listening');
  const received: string[] = [];
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const connected = once(server, 'connection');
  let closedWith: string | undefined;
  const client = await LightSocket.open({
    url,
    onMessage: (payload) => client.sendText(payload.toString()),
    onClosed: (reason) => {
      closedWith = reason;
    },
  });
  const [webSocket] = await connected;
  webSocket.on('message', (data: Buffer) => received.push(data.toString()));
  const texts = ['', 'short', 'x'.repeat(300), 'ü'.repeat(40_000)];
  for (const text of texts) webSocket.send(text);
  webSocket.ping('still there?');
  const [pong] = await once(webSocket, 'pong');
  t.equal(String(pong), 'still there?');
  t.same(received, texts);
  const closed = once(webSocket, 'close');
  webSocket.close(4008, 'too slow');
  await closed;
  t.equal(closedWith, '4008');
  t.notOk(client.isOpen);
});

t.test('a server that refuses is quoted', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', verifyClient: () => false });
  t.teardown(() => server.close());
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const open = LightSocket.open({ url, onMessage: () => undefined, onClosed: () => undefined });
  await t.rejects(open, /refused: HTTP\/1\.1 401/);
});
