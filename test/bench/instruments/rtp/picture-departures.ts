// The delay instrument against delays that are known: made up, and made by a queue in the kernel.
import t from 'tap';
import { monotonicUs } from '../../../../bench/instruments/fanout/monotonic.ts';
import { LatencyHistogram } from '../../../../bench/instruments/latency-histogram.ts';
import { PictureArrivals } from '../../../../bench/instruments/rtp/picture-arrivals.ts';
import { PictureDepartures } from '../../../../bench/instruments/rtp/picture-departures.ts';
import { markOfPayload, markOfUnits } from '../../../../bench/instruments/rtp/picture-mark.ts';
import { viewRtp } from '../../../../bench/instruments/rtp/rtp-view.ts';
import { ImpairedLink } from '../../../support/impaired-link.ts';
import { pictureRtp, pictureSlice } from '../../../support/picture-rtp.ts';

function emptyDelays() {
  return { first: new LatencyHistogram(), last: new LatencyHistogram() };
}

function units(...nals: Buffer[]): Buffer {
  return Buffer.concat(
    nals.flatMap((nal) => {
      const size = Buffer.alloc(4);
      size.writeUInt32BE(nal.length);
      return [size, nal];
    }),
  );
}

t.test('a picture has the same mark as a whole, in fragments and in an aggregate', async (t) => {
  const slice = pictureSlice(1);
  const mark = markOfUnits(units(Buffer.from([0x09, 0xf0]), slice));
  t.type(mark, 'number');
  t.equal(markOfPayload(slice), mark);
  const fragment = (start: boolean, from: number, to: number) =>
    Buffer.concat([Buffer.from([0x5c, (start ? 0x80 : 0) | 0x01]), slice.subarray(from, to)]);
  t.equal(markOfPayload(fragment(true, 1, 400)), mark);
  t.equal(markOfPayload(fragment(false, 400, 800)), undefined);
  const size = Buffer.from([slice.length >> 8, slice.length & 0xff]);
  t.equal(markOfPayload(Buffer.concat([Buffer.from([0x18, 0, 2, 0x09, 0xf0]), size, slice])), mark);
  t.not(markOfUnits(units(pictureSlice(2))), mark);
  t.equal(markOfUnits(units(Buffer.from([0x09, 0xf0]))), undefined);
});

t.test('the delay is that of the nearest departure, first and last packet apart', async (t) => {
  const [departures, arrivals, delays] = [new PictureDepartures(), new PictureArrivals(), emptyDelays()];
  const slice = pictureSlice(3);
  const mark = markOfPayload(slice) ?? 0;
  for (const atUs of [0, 5_000_000, 10_000_000]) departures.note(mark, atUs);
  const packet = { sequenceNumber: 0, ssrc: 1, timestamp: 9 };
  arrivals.add({ ...packet, marker: false, payload: slice }, 5_007_000);
  arrivals.add({ ...packet, marker: true, payload: Buffer.from([0x5c, 0x41]) }, 5_012_000);
  arrivals.add({ ...packet, timestamp: 10, marker: true, payload: pictureSlice(4) }, 5_040_000);
  t.equal(departures.match(arrivals.take(), delays), 1, 'a picture nobody sent is not known');
  t.same([delays.first.percentile(50), delays.last.percentile(50)].map(Math.round), [7, 12]);
  t.equal(delays.last.count, 1);
});

t.test('what is no RTP is not looked at', async (t) => {
  t.equal(viewRtp(Buffer.from([0x80, 200, 0, 6])), undefined);
  t.equal(viewRtp(Buffer.concat([Buffer.from([0x80, 200, 0, 6]), Buffer.alloc(24)])), undefined, 'RTCP');
  const extended = Buffer.concat([
    pictureRtp(5).subarray(0, 12),
    Buffer.from([0xbe, 0xde, 0, 1, 1, 2, 3, 4, 0x41]),
  ]);
  extended[0] = 0x90;
  t.same(viewRtp(extended)?.payload, Buffer.from([0x41]));
});

/** A link and the instrument at its end. */
async function openRig() {
  const link = await ImpairedLink.open();
  const [departures, arrivals] = [new PictureDepartures(), new PictureArrivals()];
  link.onPacket((packet) => {
    const view = viewRtp(packet);
    if (view) arrivals.add(view, monotonicUs());
  });
  const measure = async (burst: { count: number; first: number }) => {
    const leftAtUs = await link.send(burst);
    for (const [index, atUs] of leftAtUs.entries()) {
      departures.note(markOfPayload(pictureSlice(burst.first + index)) ?? 0, atUs);
    }
    await link.waitForPacket(burst.first + burst.count - 1);
    const { last } = emptyDelays();
    const unknown = departures.match(arrivals.take(), { first: emptyDelays().first, last });
    return { leftAtUs, delays: last, unknown };
  };
  return { link, measure, [Symbol.asyncDispose]: () => link[Symbol.asyncDispose]() };
}

const obstacle = ImpairedLink.findObstacle();
t.test('a delay put into the link is read back', { skip: obstacle ?? false }, async (t) => {
  await using rig = await openRig();
  if (!rig.link.hasNetem) {
    t.pass('netem', { skip: 'this kernel has no netem' });
    return;
  }
  const { delays: bare } = await rig.measure({ count: 200, first: 1 });
  await rig.link.impair(['netem', 'delay', '40ms']);
  const { delays, unknown } = await rig.measure({ count: 200, first: 1001 });
  t.match([delays.count, unknown], [200, 0]);
  t.ok(delays.percentile(0) >= 39.5, `none is faster than the link (${delays.percentile(0)} ms)`);
  const added = delays.percentile(50) - bare.percentile(50);
  t.ok(Math.abs(added - 40) < 10, `${added.toFixed(1)} ms added`);
});

t.test('the delay of a queue before a slow link is read back', { skip: obstacle ?? false }, async (t) => {
  await using rig = await openRig();
  await rig.measure({ count: 20, first: 1 });
  await rig.link.impair(['tbf', 'rate', '1mbit', 'burst', '1600', 'limit', '1000000']);
  const { leftAtUs, delays, unknown } = await rig.measure({ count: 100, first: 1001 });
  t.match([delays.count, unknown], [100, 0]);
  // Each packet waits for those before it and then takes its bytes over the link's bits a microsecond.
  const frameBytes = pictureRtp(1).length + 8 + 20 + 14;
  const modelMs = leftAtUs.reduce(
    ({ freeUs, longest }, atUs) => {
      const doneUs = Math.max(freeUs, atUs) + frameBytes * 8;
      return { freeUs: doneUs, longest: Math.max(longest, (doneUs - atUs) / 1000) };
    },
    { freeUs: 0, longest: 0 },
  ).longest;
  const readMs = delays.percentile(100);
  // The bucket starts full: its first packets are ahead of the model by a bucket's worth.
  t.ok(
    Math.abs(readMs - modelMs) < 0.05 * modelMs,
    `read ${readMs.toFixed(0)}, expected ${modelMs.toFixed(0)} ms`,
  );
});
