// The state of an SSRC: numbers that go on, timestamps that follow the media clock exactly.
import fc from 'fast-check';
import t from 'tap';
import { readRtpPacket } from '../../../media/rtp/rtp-packet.ts';
import { RtpStream, toRtpTimestamp } from '../../../media/rtp/rtp-stream.ts';

const NOW_US = 1_764_000_000_000_000;

function createStream(firstSequenceNumber = 65_534): RtpStream {
  return new RtpStream({
    ssrc: 5,
    payloadType: 96,
    clockRate: 90_000,
    timestampBase: 1000,
    firstSequenceNumber,
  });
}

t.test('timestamps follow the media clock without drift and wrap at 2^32', async () => {
  fc.assert(
    fc.property(
      fc.nat(2 ** 40),
      fc.constantFrom(90_000, 48_000),
      fc.nat(0xffffffff),
      (offset, rate, base) => {
        const us = NOW_US + offset;
        const exact = ((BigInt(us) * BigInt(rate) + 500_000n) / 1_000_000n + BigInt(base)) % (1n << 32n);
        return toRtpTimestamp(us, rate, base) === Number(exact);
      },
    ),
  );
});

t.test('sequence numbers wrap, only the last packet of a unit is marked', async (t) => {
  const stream = createStream();
  const payloads = [1, 2, 3].map((byte) => Buffer.from([byte]));
  const packets = stream.write(payloads, NOW_US, true).map(readRtpPacket);
  t.same(
    packets.map((packet) => packet.sequenceNumber),
    [65_534, 65_535, 0],
  );
  t.same(
    packets.map((packet) => packet.marker),
    [false, false, true],
  );
  t.equal(new Set(packets.map((packet) => packet.timestamp)).size, 1);
  t.equal(readRtpPacket(stream.write(payloads, NOW_US + 1, false)[0]!).sequenceNumber, 1);
});

t.test('a sender report names the present on the same time base as the packets', async (t) => {
  const stream = createStream();
  const packet = readRtpPacket(stream.write([Buffer.from([1, 2])], NOW_US, true)[0]!);
  const report = stream.senderReport(NOW_US + 200_000);
  t.equal((report.readUInt32BE(16) - packet.timestamp) >>> 0, 18_000, '200 ms at 90 kHz');
  t.equal(report.readUInt32BE(20), 1);
  t.equal(report.readUInt32BE(24), 2);
});
