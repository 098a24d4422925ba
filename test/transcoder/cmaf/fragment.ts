// Fragments byte by byte; that players read them is shown in init-segment.ts.
import t from 'tap';
import { buildFragment } from '../../../transcoder/cmaf/fragment.ts';
import { listBoxes, path } from '../../support/lavfi-units.ts';

t.test('a decode time beyond 32 bits and a composition offset below zero survive', async (t) => {
  const dts = 1_800_000_000 * 90_000;
  const unit = { dts, pts: dts - 3000, duration: 3000, key: true, data: Buffer.from('abc') };
  const bytes = buildFragment({ sequenceNumber: 7, trackId: 3, units: [unit] });
  const traf = path(bytes, 'moof', 'traf');
  t.equal(path(traf, 'tfdt').readBigUInt64BE(4), BigInt(dts));
  const trun = path(traf, 'trun');
  t.equal(trun.readInt32BE(trun.length - 4), -3000);
  const moof = listBoxes(bytes)[0]!;
  t.equal(trun.readInt32BE(8), moof.body.length + 16, 'data offset points behind the mdat header');
  t.throws(() => buildFragment({ sequenceNumber: 1, trackId: 1, units: [] }), RangeError);
});
