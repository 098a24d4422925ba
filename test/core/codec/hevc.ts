// HEVC configuration records and parameter sets, on what x265 writes and on damaged bytes.
import t from 'tap';
import { buildHevcConfig, hevcCodecString, parseHevcConfig, parseHevcSps } from '../../../core/codec/hevc.ts';
import { refusesOnly } from '../../support/refuses-only.ts';

const record = Buffer.from(
  '0101600000009000000000003ff000fcfdf8f800000b03a00001001840010c01ffff016000000300900000030000030' +
    '03f959809a10001002a42010101600000030090000003000003003fa00502016965959a4932bc05a020000003002000' +
    '00030321a2000100074401c172b46240',
  'hex',
);

t.test('a record gives its parameter sets and codec string', async (t) => {
  const config = parseHevcConfig(record);
  t.equal(hevcCodecString(config), 'hvc1.1.6.L63.90');
  t.equal(config.nalLengthSize, 4);
  t.match(parseHevcSps(config.sps[0]!), { width: 640, height: 360, bitDepthLuma: 8, maxNumReorderFrames: 2 });
});

t.test('a record built from parameter sets is the one that was taken apart', async (t) => {
  const { vps, sps, pps } = parseHevcConfig(record);
  t.ok(buildHevcConfig(vps[0]!, sps[0]!, pps[0]!).equals(record));
});

t.test('damaged bytes are refused and nothing else happens', async () => {
  refusesOnly(parseHevcConfig, [record]);
  refusesOnly(parseHevcSps, [parseHevcConfig(record).sps[0]!]);
});
