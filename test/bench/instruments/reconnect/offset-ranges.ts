// Offsets as ranges against the same as a plain set.
import fc from 'fast-check';
import t from 'tap';
import { OffsetRanges } from '../../../../bench/instruments/reconnect/offset-ranges.ts';

const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(8)), { maxLength: 20 });

function build(pairs: readonly (readonly [number, number])[]) {
  const compact = new OffsetRanges();
  const plain = new Set<number>();
  for (const [from, length] of pairs) {
    compact.add(from, from + length);
    for (let offset = from; offset <= from + length; offset++) plain.add(offset);
  }
  return { compact, plain };
}

t.test('ranges hold what a set would hold', async () => {
  fc.assert(
    fc.property(ranges, (pairs) => {
      const { compact, plain } = build(pairs);
      const same = Array.from({ length: 80 }, (_, offset) => compact.has(offset) === plain.has(offset));
      return compact.size === plain.size && same.every(Boolean) && compact.last === Math.max(0, ...plain);
    }),
  );
});

t.test('what is missing is what a set would miss', async () => {
  fc.assert(
    fc.property(ranges, ranges, fc.nat(70), (pairs, wantedPairs, floor) => {
      const got = build(pairs);
      const wanted = build(wantedPairs);
      const missing = got.compact.missingOf(wanted.compact, floor);
      const expected = [...wanted.plain].filter((offset) => offset > floor && !got.plain.has(offset));
      return missing.size === expected.length && expected.every((offset) => missing.has(offset));
    }),
  );
});
