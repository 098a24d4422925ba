// The media clock under steady, reordered, jittering, drifting and jumping sources.
import { array, assert, integer, property, record } from 'fast-check';
import t from 'tap';
import { MediaClock } from '../../../media/stream/media-clock.ts';

const FRAME_US = 33_333;
const START_US = 1_800_000_000_000_000;

/** Frames at 30 fps, arriving `delayUs` after their time stamp, from an arbitrary source zero. */
function* frames(
  count: number,
  options: { delayUs?: (n: number) => number; ppm?: number; ctsUs?: (n: number) => number } = {},
) {
  for (let n = 0; n < count; n++) {
    const dtsUs = n * FRAME_US;
    const arrivalUs = START_US + dtsUs * (1 + (options.ppm ?? 0) / 1e6) + (options.delayUs?.(n) ?? 0);
    yield { dtsUs, ptsUs: dtsUs + (options.ctsUs?.(n) ?? 0), arrivalUs };
  }
}

t.test('a steady source is mapped to its arrival, frame spacing kept', async (t) => {
  const clock = new MediaClock();
  let last = 0;
  for (const frame of frames(300)) {
    const mapped = clock.map(frame);
    t.ok(Math.abs(mapped.ptsUs - frame.arrivalUs) <= 1);
    if (last) t.ok(Math.abs(mapped.ptsUs - last - FRAME_US) <= 1);
    last = mapped.ptsUs;
  }
});

t.test(
  'with B-frames, media time settles at or before arrival and keeps the distance between tracks',
  async (t) => {
    const clock = new MediaClock();
    const source = frames(600, { ctsUs: (n) => [66_666, 133_333, 33_333, 0][n % 4] ?? 0 });
    let worst = 0;
    for (const frame of source) {
      const mapped = clock.map(frame);
      t.ok(Math.abs(mapped.ptsUs - mapped.dtsUs - (frame.ptsUs - frame.dtsUs)) <= 1);
      if (frame.dtsUs > 8_000_000) worst = Math.max(worst, mapped.ptsUs - frame.arrivalUs);
    }
    t.ok(worst <= 1, `no picture is dated after its arrival (${worst} us)`);
  },
);

t.test('network jitter does not move media time', async (t) => {
  const clock = new MediaClock();
  let seed = 7;
  const jitter = () => {
    seed = (seed * 16807) % 2147483647;
    return seed % 80_000;
  };
  const spacing: number[] = [];
  let last: number | undefined;
  for (const frame of frames(900, { delayUs: jitter })) {
    const mapped = clock.map(frame).ptsUs;
    if (last !== undefined && frame.dtsUs > 10_000_000) spacing.push(Math.abs(mapped - last - FRAME_US));
    last = mapped;
  }
  t.ok(Math.max(...spacing) < 40, 'frame spacing is steady to tens of microseconds');
});

t.test(
  'a first frame that came late is made good within half a minute, most of it within seconds',
  async (t) => {
    const clock = new MediaClock();
    const off: number[] = [];
    for (const frame of frames(1200, { delayUs: (n) => (n === 0 ? 300_000 : 0) }))
      off.push(clock.map(frame).ptsUs - frame.arrivalUs);
    t.ok((off[450] ?? 0) <= 60_000, `${off[450]} us after 15 s`);
    t.ok(Math.abs(off.at(-1) ?? 0) <= 4_000, `${off.at(-1)} us after 40 s`);
  },
);

t.test('a small error is corrected unheard, an odd millisecond not at all quickly', async (t) => {
  const worstSpacing = (firstLateUs: number): number => {
    const clock = new MediaClock();
    const mapped = [...frames(600, { delayUs: (n) => (n === 0 ? firstLateUs : 0) })].map(
      (frame) => clock.map(frame).ptsUs,
    );
    const spacing = mapped.slice(1).map((ptsUs, n) => Math.abs(ptsUs - (mapped[n] ?? 0) - FRAME_US));
    return Math.max(...spacing);
  };
  t.ok(worstSpacing(50_000) <= FRAME_US * 0.004 + 1, 'sound can be stretched so far');
  t.ok(worstSpacing(3_000) < 20);
});

t.test('a source clock that runs 100 ppm off is followed', async (t) => {
  const clock = new MediaClock();
  let error = 0;
  for (const frame of frames(30 * 3600, { ppm: 100 })) error = clock.map(frame).ptsUs - frame.arrivalUs;
  t.ok(Math.abs(error) < 5000, `after an hour ${error} us off`);
});

t.test('a jump of time stamps in either direction anchors anew and never goes back', async (t) => {
  for (const jumpUs of [-5_000_000, -1_000_000, 7_000_000, 3_600_000_000]) {
    const clock = new MediaClock();
    let last = 0;
    for (const frame of frames(60)) last = clock.map(frame).dtsUs;
    let jumps = 0;
    for (const frame of frames(120)) {
      if (frame.dtsUs < 60 * FRAME_US) continue;
      const shifted = {
        dtsUs: frame.dtsUs + jumpUs,
        ptsUs: frame.ptsUs + jumpUs,
        arrivalUs: frame.arrivalUs,
      };
      const mapped = clock.map(shifted);
      if (mapped.discontinuity) jumps++;
      t.ok(mapped.dtsUs > last);
      t.ok(Math.abs(mapped.dtsUs - frame.arrivalUs) < 60_000);
      last = mapped.dtsUs;
    }
    t.equal(jumps, 1, `one discontinuity for a jump of ${jumpUs / 1e6} s`);
  }
});

t.test('a stalled network that catches up is not taken for a jump', async (t) => {
  const clock = new MediaClock();
  for (const frame of frames(300, { delayUs: (n) => (n >= 100 && n < 190 ? (190 - n) * FRAME_US : 0) }))
    t.equal(clock.map(frame).discontinuity, frame.dtsUs === 0);
});

t.test('whatever a source sends, decode times rise across anchors', async () => {
  const step = record({
    dts: integer({ min: -4_000_000, max: 10_000_000 }),
    arrival: integer({ min: 0, max: 3_000_000 }),
  });
  assert(
    property(array(step, { maxLength: 60 }), (steps) => {
      const clock = new MediaClock();
      let dtsUs = 0;
      let arrivalUs = START_US;
      let last = Number.NEGATIVE_INFINITY;
      for (const { dts, arrival } of steps) {
        dtsUs += dts;
        arrivalUs += arrival;
        const mapped = clock.map({ dtsUs, ptsUs: dtsUs, arrivalUs });
        if (mapped.discontinuity && mapped.dtsUs <= last) return false;
        last = Math.max(last, mapped.dtsUs);
      }
      return true;
    }),
  );
});
