// The clock on a screen between the pictures that were read.
import t from 'tap';
import type { ClockSample } from '../../../bench/instruments/clock-reader.browser.ts';
import { PictureTimeline } from '../../../bench/instruments/picture-timeline.ts';

function picture(shownAtMs: number, clockMs: number): ClockSample {
  return { shownAtMs, clockMs, width: 640, height: 360, mediaTimeMs: 0 };
}

t.test('the clock runs on from one picture to the next, whatever order they came in', async (t) => {
  const timeline = new PictureTimeline([picture(1040, 840), picture(1000, 800)]);
  t.equal(timeline.clockAt(1010), 810);
  t.equal(timeline.clockAt(1000), 800);
});

t.test(
  'pictures left unread are bridged; one that stood still and jumped is not taken to run on',
  async (t) => {
    const busy = new PictureTimeline([picture(1000, 800), picture(4000, 3800)]);
    t.equal(busy.clockAt(2500), 2300);
    const frozen = new PictureTimeline([picture(1000, 800), picture(1400, 833)]);
    t.ok((frozen.clockAt(1300) ?? 0) < 833);
  },
);

t.test(
  'nothing is said before the first picture, long after the last, or in a gap of many seconds',
  async (t) => {
    const timeline = new PictureTimeline([picture(1000, 800), picture(9000, 8800)]);
    t.equal(timeline.clockAt(999), undefined);
    t.equal(timeline.clockAt(5000), undefined);
    t.equal(timeline.clockAt(9400), 9200);
    t.equal(timeline.clockAt(9600), undefined);
    t.equal(new PictureTimeline().clockAt(1), undefined);
  },
);
