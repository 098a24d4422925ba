// Picture sizes by the short side.
import t from 'tap';
import { fitShortSide, shortSide } from '../../../transcoder/ladder/rung-size.ts';

t.test('scales down by the short side with even sides', async (t) => {
  t.same(fitShortSide({ width: 1280, height: 720 }, 480), { width: 854, height: 480 });
  t.same(fitShortSide({ width: 720, height: 1280 }, 480), { width: 480, height: 854 });
  t.same(fitShortSide({ width: 640, height: 480 }, 360), { width: 480, height: 360 });
  t.equal(shortSide({ width: 720, height: 1280 }), 720);
});

t.test('never scales up, and cuts an odd row rather than making one', async (t) => {
  t.same(fitShortSide({ width: 641, height: 361 }, 1080), { width: 640, height: 360 });
});
