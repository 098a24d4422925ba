// WebSocket frames as bytes, by table and property.
import fc from 'fast-check';
import t from 'tap';
import { buildFrame } from '../../../server/rooms/shared-frame.ts';
import { encodeTextFrame, sharedFrameBytes } from '../../../server/ws/text-frame.ts';

/** Reads one unmasked frame as RFC 6455 section 5.2 says. */
function decode(frame: Buffer): { first: number; text: string; rest: number } {
  const short = frame[1]!;
  const [length, start] =
    short === 127
      ? [Number(frame.readBigUInt64BE(2)), 10]
      : short === 126
        ? [frame.readUInt16BE(2), 4]
        : [short, 2];
  const end = start + length;
  return { first: frame[0]!, text: frame.subarray(start, end).toString(), rest: frame.length - end };
}

t.test('the length is written in the shortest form there is', async (t) => {
  for (const [length, header] of [
    [0, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
    [200_000, 10],
  ] as const) {
    const frame = encodeTextFrame('x'.repeat(length));
    t.equal(frame.length, length + header);
    t.match(decode(frame), { first: 0x81, text: 'x'.repeat(length), rest: 0 });
  }
});

t.test('any text comes back as it was', async () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 400 }),
      (text) => decode(encodeTextFrame(text)).text === text,
    ),
  );
});

t.test('a shared frame is encoded once', async (t) => {
  const frame = buildFrame('e', 'chat', [{ json: '{"a":1}', offset: 1 }]);
  t.equal(sharedFrameBytes(frame), sharedFrameBytes(frame));
  t.same(JSON.parse(decode(sharedFrameBytes(frame)).text), { epoch: 'e', events: [{ a: 1 }] });
});
