// What a window keeps of a segment: its parts, and the whole when somebody wants it.
import t from 'tap';
import { SegmentWindow } from '../../../transcoder/hls/segment-window.ts';

/** Larger than what Node takes from a pool that buffers share anyway. */
const LARGE = 100_000;
const TEXTS = ['a'.repeat(LARGE), 'b'.repeat(LARGE), 'c'.repeat(LARGE)] as const;

function windowWithSegment(...contents: readonly string[]): { window: SegmentWindow; name: string } {
  const window = new SegmentWindow({ targetUs: 2_000_000, windowSegments: 3, firstSequence: () => 7 });
  window.begin({ startUs: 0, era: 0 }, window.addInit(Buffer.from('init')));
  for (const text of contents)
    window.addPart({ durationUs: 200_000, independent: true, bytes: Buffer.from(text) }, 6);
  window.finish();
  return { window, name: `${window.epoch}-7` };
}

t.test('a segment is the bytes of its parts, before and after somebody asked for the whole', async (t) => {
  const { window, name } = windowWithSegment(...TEXTS);
  const part = (index: number) => window.find(`${name}.${index}.m4s`)?.body;
  const first = part(1);
  t.same(first, Buffer.from(TEXTS[1]));
  t.equal(part(1), first, 'nothing is copied while only parts are wanted');
  const whole = window.find(`${name}.m4s`)?.body;
  t.same(whole, Buffer.from(TEXTS.join('')));
  t.equal(window.find(`${name}.m4s`)?.body, whole, 'it is made once');
  t.same(part(1), first);
  t.equal(part(2)?.buffer, whole?.buffer, 'and then holds the media of the parts too');
  t.equal(window.bufferedBytes, 3 * LARGE);
});

t.test('a segment without a part never was', async (t) => {
  const { window, name } = windowWithSegment();
  t.equal(window.playable, false);
  t.equal(window.find(`${name}.m4s`), undefined);
});
