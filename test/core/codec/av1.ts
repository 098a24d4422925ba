// AV1 units and configuration records, on what SVT-AV1 writes and on damaged bytes.
import t from 'tap';
import {
  av1CodecString,
  buildAv1Config,
  isAv1KeyUnit,
  joinObus,
  OBU,
  parseAv1Config,
  splitObus,
} from '../../../core/codec/av1.ts';
import { refusesOnly } from '../../support/refuses-only.ts';

const record = Buffer.from('81010c000a0b0000000cc4ff6700be0010', 'hex');

t.test('a record gives codec string and size', async (t) => {
  const config = parseAv1Config(record);
  t.equal(av1CodecString(config), 'av01.0.01M.08');
  t.match(config.sequence, { width: 640, height: 360, bitDepth: 8, reducedHeader: false });
});

t.test('a record built from the sequence header is the one the encoder wrote', async (t) => {
  const [header] = splitObus(record.subarray(4));
  t.ok(buildAv1Config(header!).equals(record));
});

t.test('a temporal unit loses its delimiter and every unit gets a size', async (t) => {
  const unit = Buffer.from([0x12, 0x00, 0x30, 0x10, 0xaa]); // delimiter, then a frame without size
  const obus = splitObus(unit);
  t.same(
    obus.map((obu) => obu.type),
    [OBU.temporalDelimiter, OBU.frame],
  );
  t.same(joinObus(obus), Buffer.from([0x32, 0x02, 0x10, 0xaa]));
});

t.test('a key unit is told by its first frame header', async (t) => {
  t.ok(isAv1KeyUnit(splitObus(Buffer.from([0x32, 0x01, 0x10]))));
  t.notOk(isAv1KeyUnit(splitObus(Buffer.from([0x32, 0x01, 0x30])))); // inter frame
  t.notOk(isAv1KeyUnit(splitObus(Buffer.from([0x1a, 0x01, 0x90])))); // shows an earlier frame
  t.notOk(isAv1KeyUnit([]));
});

t.test('damaged bytes are refused and nothing else happens', async () => {
  refusesOnly(parseAv1Config, [record]);
  refusesOnly((data) => joinObus(splitObus(data)), [record.subarray(4)]);
});
