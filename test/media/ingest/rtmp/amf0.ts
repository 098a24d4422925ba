// AMF0 from untrusted bytes.
import fc from 'fast-check';
import t from 'tap';
import {
  type AmfObject,
  type AmfValue,
  asAmfObject,
  decodeAmf0,
} from '../../../../media/ingest/rtmp/amf0.ts';
import { refusesOnly } from '../../../support/refuses-only.ts';
import { amf0 } from '../../../support/rtmp-client.ts';

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

t.test('what was encoded is decoded', async () => {
  const { value } = fc.letrec<{ value: AmfValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.string({ unit: 'grapheme' }),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string({ minLength: 1 }), tie('value'), { maxKeys: 4, noNullPrototype: false }),
    ),
  }));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), (values) => {
      const plain = (all: AmfValue[]): string => JSON.stringify(all);
      return plain(decodeAmf0(amf0(...values))) === plain(values);
    }),
  );
});

t.test('an ECMA array inside another, and after it more values', async (t) => {
  const inner = '08 00000001 0001 62 0100 000009'; // {b: false}
  const outer = `08 00000001 0001 61 ${inner} 000009 05`;
  const [object, after] = decodeAmf0(hex(outer));
  t.same(JSON.stringify(object), '{"a":{"b":false}}');
  t.equal(after, null);
});

t.test('an ECMA array may end with the message', async (t) => {
  t.same(JSON.stringify(decodeAmf0(hex('08 00000001 0001 61 05'))), '[{"a":null}]');
});

t.test('names cannot reach a prototype', async (t) => {
  const [object] = decodeAmf0(amf0(JSON.parse('{"__proto__":{"admin":true}}') as AmfObject));
  t.equal((object as { admin?: boolean }).admin, undefined);
  t.equal(({} as { admin?: boolean }).admin, undefined);
});

t.test('scalars of AMF3 are read', async (t) => {
  t.same(decodeAmf0(hex('11 00 11 01 11 02 11 03 11 04 7f 11 04 ffffffff 11 06 05 6869')), [
    undefined,
    null,
    false,
    true,
    127,
    -1,
    'hi',
  ]);
});

t.test('nesting and count have bounds', async (t) => {
  const deep = Buffer.concat(Array.from({ length: 10_000 }, () => hex('0a 00000001')));
  t.throws(() => decodeAmf0(deep), { code: 'BAD_REQUEST', message: /deeper/ });
  t.throws(() => decodeAmf0(Buffer.alloc(60_000, 5)), { code: 'BAD_REQUEST', message: /values/ });
});

t.test('only objects are objects', async (t) => {
  t.equal(asAmfObject(null), undefined);
  t.equal(asAmfObject([]), undefined);
  t.equal(asAmfObject('a'), undefined);
  t.same(asAmfObject({ a: 1 }), { a: 1 });
});

t.test('damaged bytes are refused and nothing else happens', async () => {
  refusesOnly(decodeAmf0, [amf0('connect', 1, { app: 'live', list: [1, 'two', { three: 3 }] })]);
});
