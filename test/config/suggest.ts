// Edit distance and suggestions.
import fc from 'fast-check';
import t from 'tap';
import { editDistance, suggestName } from '../../config/suggest.ts';

t.test('the nearest name is suggested, nothing when none is near', async (t) => {
  t.equal(suggestName('prot', ['port', 'host']), 'port');
  t.equal(suggestName('PORT', ['port']), 'port');
  t.equal(suggestName('entirely', ['port', 'host']), undefined);
});

t.test('the distance is zero only to itself, and symmetric', async () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const distance = editDistance(a, b);
      return distance === editDistance(b, a) && (distance === 0) === (a === b);
    }),
  );
});
