// Choosing a level by height.
import t from 'tap';
import { pickLevel } from '../../../web/sdk/quality.ts';

const LEVELS = [360, 480, 720].map((height, index) => ({ index, name: `${height}p`, height }));

t.test('the highest level that does not exceed the choice is taken', async (t) => {
  const pick = (height: number) => pickLevel(LEVELS, { kind: 'height', height });
  t.same([1080, 720, 719, 480, 360].map(pick), [2, 2, 1, 1, 0]);
  t.equal(pick(240), 0, 'the lowest when all exceed it');
});

t.test('automatic, or nothing to choose from, is null', async (t) => {
  t.equal(pickLevel(LEVELS, { kind: 'auto' }), null);
  t.equal(pickLevel([], { kind: 'height', height: 720 }), null);
});
