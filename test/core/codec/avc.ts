// H.264 configuration records and parameter sets, on what x264 writes and on damaged bytes.
import t from 'tap';
import {
  avcCodecString,
  avcNalType,
  buildAvcConfig,
  parseAvcConfig,
  parseSps,
} from '../../../core/codec/avc.ts';
import { refusesOnly } from '../../support/refuses-only.ts';

// x264 high 1280x720 at 30/1, and constrained baseline 638x358 at 30000/1001.
const high = Buffer.from(
  '0164001fffe1001a6764001facd9405005bb0110000003001000000303c0f183196001000668ebe3cb22c0fdf8f800',
  'hex',
);
const baseline = Buffer.from(
  '0142c01effe100176742c01ed900a02fea6c04400000fa40003a9803c58b9201000568cb83cb20',
  'hex',
);

t.test('a record gives its parameter sets, profile and level', async (t) => {
  const config = parseAvcConfig(high);
  t.match(config, { profile: 100, constraints: 0, level: 31, nalLengthSize: 4 });
  t.same(config.sps.map(avcNalType), [7]);
  t.same(config.pps.map(avcNalType), [8]);
  t.equal(avcCodecString(config), 'avc1.64001f');
  t.equal(avcCodecString(parseAvcConfig(baseline)), 'avc1.42c01e');
});

t.test('a record built from parameter sets is the one the encoder wrote', async (t) => {
  for (const record of [high, baseline]) {
    const config = parseAvcConfig(record);
    t.ok(buildAvcConfig(config.sps, config.pps).equals(record));
  }
});

t.test('a parameter set gives size after cropping, rate and reordering', async (t) => {
  t.match(parseSps(parseAvcConfig(high).sps[0]!), {
    width: 1280,
    height: 720,
    frameRate: 30,
    maxNumReorderFrames: 2,
    interlaced: false,
  });
  const cropped = parseSps(parseAvcConfig(baseline).sps[0]!);
  t.match(cropped, { width: 638, height: 358, maxNumReorderFrames: 0 });
  t.equal(cropped.frameRate.toFixed(3), '29.970');
});

t.test('a parameter set whose VUI is cut short still gives its size', async (t) => {
  const sps = parseAvcConfig(high).sps[0]!;
  t.match(parseSps(sps.subarray(0, 14)), { width: 1280, height: 720, frameRate: 0 });
});

t.test('a record without parameter sets or of another version is refused', async (t) => {
  t.throws(() => parseAvcConfig(Buffer.from('0164001fffe000', 'hex')), { code: 'BAD_REQUEST' });
  t.throws(() => parseAvcConfig(Buffer.from(`00${high.toString('hex', 1)}`, 'hex')), /version 0/);
  t.throws(() => buildAvcConfig([], []), { code: 'BAD_REQUEST' });
});

t.test('damaged bytes are refused and nothing else happens', async () => {
  refusesOnly(parseAvcConfig, [high, baseline]);
  const sets = [high, baseline].map((record) => parseAvcConfig(record).sps[0]!);
  refusesOnly(parseSps, sets);
  refusesOnly((sps) => buildAvcConfig([sps], [sps]), sets);
});
