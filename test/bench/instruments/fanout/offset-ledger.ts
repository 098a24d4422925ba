// The loss counter of a viewer against holes that are known.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { OffsetLedger } from '../../../../bench/instruments/fanout/offset-ledger.ts';

const BASE = 100;

function ledgerAt(offset: number): OffsetLedger {
  const ledger = new OffsetLedger();
  ledger.reset(offset);
  return ledger;
}

t.test('what is lost, comes late or comes twice is told apart, in any order', async (t) => {
  const fate = fc.constantFrom('once', 'once', 'once', 'twice', 'lost');
  const order = fc.array(fate, { minLength: 1, maxLength: 40 }).chain((fates) => {
    const sent = fates.flatMap((one, index) =>
      one === 'lost' ? [] : Array<number>(one === 'twice' ? 2 : 1).fill(BASE + 1 + index),
    );
    return fc.record({
      fates: fc.constant(fates),
      arrived: fc.shuffledSubarray(sent, { minLength: sent.length }),
    });
  });
  const check = () =>
    fc.assert(
      fc.property(order, ({ fates, arrived }) => {
        const ledger = ledgerAt(BASE);
        for (const offset of arrived) ledger.add({ first: offset, last: offset, count: 1 });
        const countOf = (wanted: string) => fates.filter((one) => one === wanted).length;
        assert.equal(ledger.missingUpTo(BASE + fates.length), countOf('lost'));
        assert.equal(ledger.doubled, countOf('twice'));
      }),
      { numRuns: 200 },
    );
  t.doesNotThrow(check);
});

t.test('runs of offsets fill the holes they belong to', async (t) => {
  const ledger = ledgerAt(0);
  ledger.add({ first: 1, last: 10, count: 10 });
  ledger.add({ first: 31, last: 40, count: 10 });
  t.equal(ledger.missingUpTo(40), 20);
  ledger.add({ first: 15, last: 20, count: 6 });
  t.equal(ledger.missingUpTo(40), 14);
  t.equal(ledger.missingUpTo(50), 24, 'what is still to come is missing too');
  ledger.add({ first: 15, last: 20, count: 6 });
  t.equal(ledger.doubled, 6);
});

t.test('what gap events speak of is not missing, but more than that is', async (t) => {
  const ledger = ledgerAt(0);
  ledger.add({ first: 1, last: 10, count: 6 });
  ledger.claim(4);
  t.equal(ledger.missingUpTo(10), 0);
  ledger.add({ first: 14, last: 20, count: 7 });
  ledger.claim(1);
  t.equal(ledger.missingUpTo(20), 2);
  t.equal(ledger.claimed, 5);
});
