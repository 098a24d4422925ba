// Slots: rising with the size, steady while a ladder comes and goes.
import fc from 'fast-check';
import t from 'tap';
import { assignSlots, LAYER_SLOTS } from '../../../media/webrtc/layer-slots.ts';

const size = (height: number) => ({ width: Math.round((height * 16) / 9), height });

t.test('rungs of the usual ladder have their own slot, whoever else is there', async (t) => {
  t.same(assignSlots([size(720)]), [2]);
  t.same(assignSlots([size(720), size(360)]), [2, 0]);
  t.same(assignSlots([size(720), size(360), size(480), size(1080)]), [2, 0, 1, 3]);
  t.same(assignSlots([{ width: 720, height: 1280 }]), [2], 'upright pictures go by their shorter side');
});

t.test('crowded sizes move up, or down at the top', async (t) => {
  t.same(assignSlots([size(240), size(360)]), [0, 1]);
  t.same(assignSlots([size(1080), size(1440), size(2160)]), [1, 2, 3]);
});

t.test('of too many the smallest and the largest stay', async (t) => {
  t.same(assignSlots([240, 360, 480, 720, 1080, 1440].map(size)), [0, undefined, undefined, 1, 2, 3]);
});

t.test('slots are within bounds, never shared, and rise with the size', async () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 90, max: 2160 }), { maxLength: 8 }), (heights) => {
      const slots = assignSlots(heights.map(size));
      const taken = heights
        .map((height, index) => ({ height, slot: slots[index] }))
        .filter((each) => each.slot !== undefined)
        .sort((a, b) => a.height - b.height);
      return (
        taken.length === Math.min(heights.length, LAYER_SLOTS) &&
        taken.every(
          (each, index) =>
            each.slot! >= 0 &&
            each.slot! < LAYER_SLOTS &&
            (index === 0 || each.slot! > taken[index - 1]!.slot!),
        )
      );
    }),
  );
});
