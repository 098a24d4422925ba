// Sender reports, checked field by field against RFC 3550 6.4.1.
import t from 'tap';
import { writeSenderReport } from '../../../media/rtp/sender-report.ts';

t.test('a sender report carries NTP time, RTP time and counts', async (t) => {
  const report = writeSenderReport({
    ssrc: 0x11223344,
    unixUs: 1_500_000,
    rtpTimestamp: 0xfffffff0,
    packetCount: 7,
    octetCount: 2 ** 32 + 5,
  });
  t.equal(report.length, 28);
  t.equal(report[0], 0x80, 'version 2, no report blocks');
  t.equal(report[1], 200);
  t.equal(report.readUInt16BE(2), 6, 'length in words less one');
  t.equal(report.readUInt32BE(4), 0x11223344);
  t.equal(report.readUInt32BE(8), 2_208_988_801, 'NTP seconds count from 1900');
  t.equal(report.readUInt32BE(12), 0x80000000, 'half a second');
  t.equal(report.readUInt32BE(16), 0xfffffff0);
  t.equal(report.readUInt32BE(20), 7);
  t.equal(report.readUInt32BE(24), 5, 'counts wrap');
});
