// Chunks into messages: every header format, extended timestamps, interleaving, and any cut of the bytes.
import fc from 'fast-check';
import t from 'tap';
import { ChunkReader } from '../../../../media/ingest/rtmp/chunk-reader.ts';
import type { RtmpMessage } from '../../../../media/ingest/rtmp/rtmp-message.ts';
import { refusesOnly } from '../../../support/refuses-only.ts';
import { chunks, type OutMessage } from '../../../support/rtmp-client.ts';

const MAX_BUFFERED = 300_000;

function read(...parts: readonly Uint8Array[]): { messages: RtmpMessage[]; reader: ChunkReader } {
  const messages: RtmpMessage[] = [];
  const reader = new ChunkReader({
    minChunkBytes: 128,
    maxChunkBytes: 0xff_ffff,
    maxChunkStreams: 16,
    maxBufferedBytes: MAX_BUFFERED,
    maxBytesOf: () => 100_000,
    onMessage: (message) => messages.push(message),
  });
  for (const part of parts) reader.feed(Buffer.from(part));
  return { messages, reader };
}

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const times = (messages: readonly RtmpMessage[]): number[] => messages.map(({ timestamp }) => timestamp);

t.test('headers of formats 0 to 3 give timestamps, lengths, types and streams', async (t) => {
  const { messages } = read(
    hex('06 0003e8 000002 09 01000000 aaaa'), // format 0: at 1000
    hex('46 000014 000001 08 bb'), // format 1: 20 later, another length and type
    hex('86 00000a cc'), // format 2: 10 later
    hex('c6 dd'), // format 3: another 10 later
  );
  t.same(messages, [
    { type: 9, streamId: 1, timestamp: 1000, payload: hex('aaaa') },
    { type: 8, streamId: 1, timestamp: 1020, payload: hex('bb') },
    { type: 8, streamId: 1, timestamp: 1030, payload: hex('cc') },
    { type: 8, streamId: 1, timestamp: 1040, payload: hex('dd') },
  ]);
});

t.test('format 3 after format 0 repeats its timestamp as the delta', async (t) => {
  t.same(times(read(hex('06 000017 000001 09 01000000 aa c6 bb')).messages), [23, 46]);
});

t.test('timestamps wrap at 2^32', async (t) => {
  const { messages } = read(hex('06 ffffff 000001 09 01000000 fffffff0 aa 86 000020 bb'));
  t.same(times(messages), [0xffff_fff0, 0x10]);
});

t.test('chunk stream ids of one, two and three bytes are told apart', async (t) => {
  const { messages } = read(
    hex('3f 000001 000001 09 01000000 aa'), // 63
    hex('00 00 000002 000001 09 01000000 bb'), // 64
    hex('01 0001 000003 000001 09 01000000 cc'), // 64 + 256
    hex('ff dd c0 00 ee c1 0001 ff'), // format 3 on each
  );
  t.same(times(messages), [1, 2, 3, 2, 4, 6]);
});

t.test('an extended timestamp is repeated on format 3 chunks, or is not', async (t) => {
  const payload = Buffer.alloc(300, 5);
  const message = { type: 9, payload, timestamp: 0x0100_0000, chunkStream: 6 };
  const repeated = chunks(message);
  t.same(read(repeated).messages, [{ type: 9, streamId: 0, timestamp: 0x0100_0000, payload }]);
  const left = Buffer.concat([
    repeated.subarray(0, 16 + 128),
    Buffer.concat([Buffer.of(0xc6), payload.subarray(128, 256)]),
    Buffer.concat([Buffer.of(0xc6), payload.subarray(256)]),
  ]);
  t.same(read(left).messages, read(repeated).messages);
  t.same(read(...[...left].map((byte) => Buffer.of(byte))).messages, read(repeated).messages, 'byte by byte');
});

t.test('an extended delta on format 3 starts the next message', async (t) => {
  const { messages } = read(
    hex('06 000000 000001 09 01000000 aa'),
    hex('86 ffffff 01000000 bb'),
    hex('c6 01000000 cc'),
  );
  t.same(times(messages), [0, 0x0100_0000, 0x0200_0000]);
});

t.test('Set Chunk Size counts from the next chunk on, and Abort drops a message', async (t) => {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(1000);
  const big = Buffer.alloc(900, 1);
  const half = chunks({ type: 9, payload: Buffer.alloc(200), chunkStream: 7 }).subarray(0, 12 + 128);
  const abort = Buffer.alloc(4);
  abort.writeUInt32BE(7);
  const { messages, reader } = read(
    half,
    chunks({ type: 2, payload: abort, chunkStream: 2 }),
    chunks({ type: 1, payload: size, chunkStream: 2 }),
    chunks({ type: 9, payload: big, chunkStream: 7 }, 1000),
  );
  t.same(
    messages.map(({ payload }) => payload.length),
    [900],
  );
  t.equal(reader.bufferedBytes, 0);
  t.equal(read(hex('02 000000 000004 01 00000000 7fffffff')).messages.length, 0, 'the largest size is one');
});

t.test('a message without payload is a message', async (t) => {
  t.match(read(hex('06 000001 000000 09 01000000')).messages, [{ timestamp: 1, payload: Buffer.alloc(0) }]);
});

t.test('while paused nothing is handed on, and nothing is lost', async (t) => {
  const messages: number[] = [];
  const reader: ChunkReader = new ChunkReader({
    minChunkBytes: 128,
    maxChunkBytes: 4096,
    maxChunkStreams: 4,
    maxBufferedBytes: 4096,
    maxBytesOf: () => 4096,
    onMessage: ({ timestamp }) => {
      messages.push(timestamp);
      reader.pause();
    },
  });
  const out = [1, 2, 3, 4].map((timestamp) => chunks({ type: 9, payload: Buffer.alloc(200), timestamp }));
  reader.feed(Buffer.concat(out.slice(0, 3)));
  reader.feed(out[3]!);
  t.same(messages, [1]);
  for (let left = 3; left > 0; left--) reader.resume();
  t.same(messages, [1, 2, 3, 4]);
});

t.test('a chunk stream cannot start with formats 2 and 3', async (t) => {
  t.throws(() => read(hex('86 000001 aa')), { code: 'BAD_REQUEST' });
  t.throws(() => read(hex('c6 aa')), { code: 'BAD_REQUEST' });
});

t.test('messages come through whatever the interleaving and however the bytes are cut', async () => {
  const payload = fc.uint8Array({ maxLength: 600 }).map((data) => Buffer.from(data));
  const timestamp = fc.oneof(fc.nat(0xff_fffe), fc.integer({ min: 0xff_ffff, max: 0xffff_ffff }));
  const message = fc.record({ type: fc.constantFrom(8, 9), payload, timestamp });
  const scenario = fc.record({
    lists: fc.array(fc.array(message, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
    order: fc.array(fc.nat(2), { maxLength: 60 }),
    cuts: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }),
  });
  fc.assert(
    fc.property(scenario, ({ lists, order, cuts }) => {
      const { messages } = read(...cut(interleave(lists, order), cuts));
      return lists.every((list, index) => {
        const got = messages.filter(({ streamId }) => streamId === index);
        return got.length === list.length && got.every((one, at) => same(one, list[at]!));
      });
    }),
    { numRuns: 300 },
  );
});

function same(got: RtmpMessage, sent: OutMessage): boolean {
  return got.timestamp === sent.timestamp && got.type === sent.type && got.payload.equals(sent.payload);
}

/** Chunks of several chunk streams in the order given. */
function interleave(lists: readonly (readonly OutMessage[])[], order: readonly number[]): Buffer {
  const queues = lists.map((list, index) =>
    list.flatMap((message) => splitChunks({ ...message, streamId: index, chunkStream: 4 + index })),
  );
  const parts: Buffer[] = [];
  for (const pick of order) parts.push(queues[pick % queues.length]!.shift() ?? Buffer.alloc(0));
  return Buffer.concat([...parts, ...queues.flat()]);
}

function splitChunks(message: OutMessage): Buffer[] {
  const all = chunks(message);
  const extended = (message.timestamp ?? 0) >= 0xff_ffff ? 4 : 0;
  const out = [all.subarray(0, 12 + extended + 128)];
  for (let at = 12 + extended + 128; at < all.length; at += 1 + extended + 128) {
    out.push(all.subarray(at, at + 1 + extended + 128));
  }
  return out;
}

function cut(data: Buffer, sizes: readonly number[]): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0, turn = 0; at < data.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    parts.push(data.subarray(at, at + size));
    at += size;
  }
  return parts;
}

t.test('damaged bytes are refused, or held within the bound', async () => {
  const good = chunks({ type: 9, payload: Buffer.alloc(400, 7), timestamp: 0xfff_ffff });
  const attempt = (data: Buffer): void => {
    try {
      const { reader } = read(data);
      if (reader.bufferedBytes > MAX_BUFFERED) throw new Error(`${reader.bufferedBytes} bytes held`);
    } catch (error) {
      if ((error as { code?: string }).code !== 'TOO_LARGE') throw error;
    }
  };
  refusesOnly(attempt, [good]);
});

t.test('room is reserved by what a chunk stream has sent before, not by what it announces', async (t) => {
  const payload = Buffer.alloc(50_000, 1);
  const message = chunks({ type: 9, payload, chunkStream: 6 });
  const { messages, reader } = read(message.subarray(0, 200));
  t.equal(reader.bufferedBytes, 4096, 'a first message grows as it comes');
  reader.feed(message.subarray(200));
  t.equal(reader.bufferedBytes, 0);
  reader.feed(message.subarray(0, 200));
  t.equal(reader.bufferedBytes, 50_000, 'one like it has its place at once');
  reader.feed(message.subarray(200));
  reader.feed(chunks({ type: 9, payload, chunkStream: 7 }).subarray(0, 200));
  t.equal(reader.bufferedBytes, 4096, 'another chunk stream begins small');
  t.ok(messages.length === 2 && messages.every((each) => each.payload.equals(payload)));
});
