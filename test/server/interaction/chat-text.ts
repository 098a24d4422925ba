// Cleaning and measuring what people type, by table and property.
import fc from 'fast-check';
import t from 'tap';
import { cleanChatText, countGraphemes } from '../../../server/interaction/chat-text.ts';

t.test('characters are counted as people do', async (t) => {
  const table: [text: string, count: number][] = [
    ['hello', 5],
    ['你好', 2],
    ['👩‍👩‍👧‍👦', 1],
    ['🇩🇪🇫🇷', 2],
    ['e\u0301', 1],
    ['नमस्ते', 3],
    ['', 0],
  ];
  for (const [text, count] of table) t.equal(countGraphemes(text), count, text);
});

t.test('text is put on one clean line', async (t) => {
  const table: [given: string, shown: string][] = [
    ['  a \n\t b  ', 'a b'],
    ['a\u0000\u0007b', 'ab'],
    ['\u202egnp.exe', 'gnp.exe'],
    ['a\u2066b\u2069', 'ab'],
    ['e\u0301', 'é'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦'],
    [
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    ],
  ];
  for (const [given, shown] of table) t.equal(cleanChatText(given, 100), shown);
});

t.test('text that needs no cleaning is what cleaning would make of it', async (t) => {
  const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' });
  const ranges = [
    [0x20, 0x7e],
    [0x3001, 0x3011],
    [0x4e00, 0x9fa5],
    [0xff01, 0xff5e],
  ] as const;
  for (const [first, last] of ranges) {
    const all = String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, index) => first + index));
    t.equal(all.normalize('NFC'), all);
    t.equal([...segmenter.segment(all)].length, all.length);
    t.notMatch(all, /\p{C}/u);
  }
  t.equal(cleanChatText('太好了！  谢谢 ', 100), '太好了！ 谢谢');
  t.equal(cleanChatText('太好了！\u3000谢谢', 100), '太好了！ 谢谢');
});

t.test('nothing to see, too much of it, and piles of marks are refused', async (t) => {
  for (const text of ['', '   ', '\u200b\u200b', '\u200d', '\u0301', '\u0000']) {
    t.throws(() => cleanChatText(text, 10), { code: 'BAD_REQUEST', message: /empty/ }, JSON.stringify(text));
  }
  t.throws(() => cleanChatText('x'.repeat(11), 10), { message: /has 11 characters, at most 10/ });
  t.equal(cleanChatText('👩‍👩‍👧‍👦'.repeat(10), 10).length, 110);
  t.throws(() => cleanChatText(`z${'\u0335\u0489'.repeat(20)}`, 10), { message: /too many marks/ });
});

t.test('whatever comes in, what comes out is short, visible and without controls', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      try {
        const clean = cleanChatText(text, 20);
        return countGraphemes(clean) <= 20 && clean === clean.trim() && !/[\p{Cc}\u202a-\u202e]/u.test(clean);
      } catch (error) {
        return (error as { code?: string }).code === 'BAD_REQUEST';
      }
    }),
  );
});
