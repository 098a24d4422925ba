// Reading FLV files by hand-made tags.
import t from 'tap';
import { clipKbps, readFlvClip } from '../../../../bench/instruments/rtmp/flv-clip.ts';

function tag(type: number, atMs: number, payload: readonly number[]): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(payload.length, 1, 3);
  head.writeUIntBE(atMs & 0xff_ffff, 4, 3);
  head[7] = atMs >> 24;
  return Buffer.concat([head, Buffer.from(payload), Buffer.alloc(4)]);
}

const HEADER = Buffer.concat([Buffer.from('FLV\x01\x05\0\0\0\x09', 'latin1'), Buffer.alloc(4)]);
const frame = (atMs: number) => tag(9, atMs, [0x17, 1, 0, 0, 0, 9]);

t.test('headers are apart from media, and nothing at or after the end is kept', async (t) => {
  const file = [HEADER, tag(18, 0, [2, 0, 1, 65]), tag(9, 0, [0x17, 0, 0, 0, 0, 1]), tag(8, 0, [0xaf, 0, 1])];
  const clip = readFlvClip(
    Buffer.concat([...file, frame(0), tag(8, 5, [0xaf, 1, 2]), frame(40), tag(9, 40, [0x17, 2]), frame(80)]),
    80,
  );
  t.same(
    clip.head.map(({ type, atMs }) => [type, atMs]),
    [
      [18, 0],
      [9, 0],
      [8, 0],
    ],
  );
  t.same(clip.head[0]?.payload, Buffer.from([2, 0, 13, ...Buffer.from('@setDataFrame'), 2, 0, 1, 65]));
  t.same(
    clip.media.map(({ type, atMs }) => [type, atMs]),
    [
      [9, 0],
      [8, 5],
      [9, 40],
    ],
  );
  t.equal(clipKbps(clip), (15 * 8) / 80);
});

t.test('what is no FLV, is cut off, or has no media is said', async (t) => {
  t.throws(() => readFlvClip(Buffer.from('RIFF....'), 80), /not an FLV file/);
  t.throws(() => readFlvClip(HEADER, 80), /without media in its first 80 ms/);
  const cut = Buffer.concat([HEADER, frame(0), frame(40)]).subarray(0, -8);
  t.equal(readFlvClip(cut, 80).media.length, 1);
});
