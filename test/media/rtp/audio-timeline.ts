// Audio timestamps: seamless under jitter, with the clock after a jump.
import fc from 'fast-check';
import t from 'tap';
import { AudioTimeline } from '../../../media/rtp/audio-timeline.ts';

const PACKET_US = 20_000;

t.test('jitter below a packet leaves no seam', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -9000, max: 9000 }), { minLength: 2, maxLength: 50 }),
      (jitter) => {
        const timeline = new AudioTimeline();
        const placed = jitter.map((off, index) => timeline.place(1e15 + index * PACKET_US + off, PACKET_US));
        return placed.every((at, index) => index === 0 || at - placed[index - 1]! === PACKET_US);
      },
    ),
  );
});

t.test('a clock that slews is followed within a packet', async (t) => {
  const timeline = new AudioTimeline();
  let worst = 0;
  for (let index = 0; index < 10_000; index++) {
    const ptsUs = 1e15 + index * PACKET_US * 1.0002;
    worst = Math.max(worst, Math.abs(timeline.place(ptsUs, PACKET_US) - ptsUs));
  }
  t.ok(worst <= PACKET_US);
});

t.test('after a pause the time line is the clock again', async (t) => {
  const timeline = new AudioTimeline();
  timeline.place(1_000_000, PACKET_US);
  t.equal(timeline.place(5_000_123, PACKET_US), 5_000_123);
});
