// NAL units in and out of their two forms.
import fc from 'fast-check';
import t from 'tap';
import {
  joinNals,
  keepNals,
  nalsToAnnexB,
  splitAnnexB,
  splitNals,
  toAnnexB,
  unescapeNal,
} from '../../../core/codec/nal.ts';
import { refusesOnly } from '../../support/refuses-only.ts';

t.test('joined NAL units come apart again', async () => {
  const nals = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }).map((data) => Buffer.from(data)));
  fc.assert(
    fc.property(nals, (list) => Buffer.concat(splitNals(joinNals(list))).equals(Buffer.concat(list))),
  );
});

t.test('lengths of one to four bytes are read', async (t) => {
  t.same(splitNals(Buffer.from([2, 0x65, 1, 0, 1, 9]), 1), [Buffer.from([0x65, 1]), Buffer.from([9])]);
  t.same(splitNals(Buffer.from([0, 1, 0x65]), 2), [Buffer.from([0x65])]);
  t.same(splitNals(Buffer.from([0, 0, 1, 0x65]), 3), [Buffer.from([0x65])]);
});

t.test('a length past the end is refused', async (t) => {
  t.throws(() => splitNals(Buffer.from([0, 0, 0, 9, 1])), { code: 'BAD_REQUEST' });
  t.throws(() => splitNals(Buffer.from([0, 0])), { code: 'BAD_REQUEST' });
  refusesOnly(splitNals, [Buffer.from([0, 0, 0, 1, 7, 0, 0, 0, 2, 1, 2])]);
});

t.test('Annex B is cut at three- and four-byte start codes', async (t) => {
  const data = Buffer.from([0, 0, 0, 1, 0x67, 5, 0, 0, 1, 0x68, 6, 0, 0, 0, 1, 0x65, 7]);
  t.same(splitAnnexB(data), [Buffer.from([0x67, 5]), Buffer.from([0x68, 6]), Buffer.from([0x65, 7])]);
  t.same(splitAnnexB(nalsToAnnexB(splitAnnexB(data))), splitAnnexB(data));
  t.same(splitAnnexB(Buffer.from([1, 2, 3])), []);
  const unit = joinNals([Buffer.from([0x65, 7])]);
  t.same(splitAnnexB(toAnnexB(unit, [Buffer.from([0x67, 5])])), [
    Buffer.from([0x67, 5]),
    Buffer.from([0x65, 7]),
  ]);
});

t.test('emulation prevention bytes are taken out', async (t) => {
  t.same(unescapeNal(Buffer.from([1, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3])), Buffer.from([1, 0, 0, 1, 0, 0, 0, 0]));
});

t.test('data of which everything is kept is not copied, anything left out is gone', async (t) => {
  const [aud, slice] = [Buffer.from([9, 0x10]), Buffer.from([0x41, 1, 2])];
  const data = joinNals([aud, slice]);
  t.equal(keepNals(data, splitNals(data)), data);
  t.same(keepNals(data, [slice]), joinNals([slice]));
  const padded = Buffer.concat([joinNals([slice]), Buffer.alloc(4)]);
  t.same(keepNals(padded, splitNals(padded)), joinNals([slice]), 'an empty unit');
  const short = Buffer.from([2, 9, 0x10, 3, 0x41, 1, 2]);
  t.same(keepNals(short, splitNals(short, 1), 1), data, 'lengths of one byte');
});
