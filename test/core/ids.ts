// Ids: their form, their order, and that none comes twice however many are drawn.
import t from 'tap';
import { createShortId, createUlid } from '../../core/ids.ts';

t.test('a ULID has 26 characters and sorts by its time', async (t) => {
  t.match(createUlid(), /^[0-9A-HJKMNP-TV-Z]{26}$/);
  t.ok(createUlid(1_700_000_000_000) < createUlid(1_700_000_000_001));
  t.equal(createUlid(1_700_000_000_000).slice(0, 10), createUlid(1_700_000_000_000).slice(0, 10));
});

t.test('ids of one moment are all different, beyond one draw of random bytes', async (t) => {
  const ulids = new Set(Array.from({ length: 20_000 }, () => createUlid(0)));
  t.equal(ulids.size, 20_000);
  const short = new Set(Array.from({ length: 5_000 }, createShortId));
  t.equal(short.size, 5_000);
});
