// Frames that are read once and compared by everyone else.
import t from 'tap';
import { FrameCatalog } from '../../../../bench/instruments/fanout/frame-catalog.ts';
import {
  readStamp,
  stampedText,
  summarizeFrame,
} from '../../../../bench/instruments/fanout/frame-summary.ts';

t.test('the same bytes are read once, others of the same length are told apart', async (t) => {
  const reads: string[] = [];
  const catalog = new FrameCatalog((payload) => {
    reads.push(payload.toString());
    return { run: { first: 1, last: 1, count: 1 }, thinned: 0, sentUs: [], likes: undefined };
  });
  const shared = Buffer.from('one');
  const summary = catalog.lookUp(shared);
  t.equal(catalog.lookUp(Buffer.from('one')), summary);
  shared.write('two');
  t.not(catalog.lookUp(shared), summary, 'a buffer that is written over is another frame');
  t.equal(catalog.lookUp(Buffer.from('one')), summary);
  t.same(reads, ['one', 'two']);
});

t.test('a frame forgotten is read again', async (t) => {
  let reads = 0;
  const catalog = new FrameCatalog(() => {
    reads++;
    return { run: undefined, thinned: 0, sentUs: [], likes: undefined };
  });
  for (let index = 0; index < 600; index++) catalog.lookUp(Buffer.from(`frame ${index}`));
  catalog.lookUp(Buffer.from('frame 599'));
  t.equal(reads, 600);
  catalog.lookUp(Buffer.from('frame 0'));
  t.equal(reads, 601);
});

t.test(
  'a frame of the protocol says its offsets, what was left out, and when its danmaku were due',
  async (t) => {
    const danmaku = (offset: number, text: string) => {
      const user = { id: 'u', name: 'U', role: 'viewer' } as const;
      const look = { mode: 'scroll', color: '#ffffff', size: 'normal' } as const;
      return {
        type: 'danmaku',
        offset,
        id: `${offset}`,
        at: 1,
        mediaTimeMs: 1,
        user,
        text,
        ...look,
      } as const;
    };
    const summary = summarizeFrame({
      epoch: 'e',
      events: [
        danmaku(7, stampedText(123_456_789, 40)),
        danmaku(9, 'somebody else'),
        { type: 'gap', from: 8, to: 8, dropped: 1 },
        { type: 'likes', total: 3 },
      ],
    });
    t.same(summary, { run: { first: 7, last: 9, count: 2 }, thinned: 1, sentUs: [123_456_789], likes: 3 });
  },
);

t.test('a stamped text has the length asked for and its stamp', async (t) => {
  for (const chars of [20, 40, 100]) {
    const text = stampedText(98_765_432_100.4, chars);
    t.ok(text.length <= chars && text.length >= chars - 1, text);
    t.equal(readStamp(text), 98_765_432_100);
  }
  t.equal(readStamp('m for message'), undefined);
});
