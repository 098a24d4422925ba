// RTP headers: what is written is what is read, and nothing malformed gets past.
import fc from 'fast-check';
import t from 'tap';
import { readRtpPacket, writeRtpPacket } from '../../../media/rtp/rtp-packet.ts';
import { refusesOnly } from '../../support/refuses-only.ts';

t.test('a written packet reads back the same', async () => {
  fc.assert(
    fc.property(
      fc.record({
        payloadType: fc.nat(127),
        sequenceNumber: fc.nat(0xffff),
        timestamp: fc.nat(0xffffffff),
        ssrc: fc.nat(0xffffffff),
        marker: fc.boolean(),
      }),
      fc.uint8Array({ maxLength: 50 }),
      (header, payload) => {
        const packet = readRtpPacket(writeRtpPacket(header, Buffer.from(payload)));
        const { payload: read, ...rest } = packet;
        return (
          read.equals(payload) &&
          JSON.stringify(Object.entries(rest).sort()) === JSON.stringify(Object.entries(header).sort())
        );
      },
    ),
  );
});

t.test('extensions, CSRCs and padding are taken off', async (t) => {
  const packet = Buffer.from([
    0xb1, 0xe0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9, 9, 9, 0xbe, 0xde, 0, 1, 7, 7, 7, 7, 42, 0, 2,
  ]);
  const read = readRtpPacket(packet);
  t.same([...read.payload], [42]);
  t.equal(read.marker, true);
  t.equal(read.payloadType, 96);
});

t.test('anything else is refused', async () => {
  refusesOnly(readRtpPacket, [Buffer.from('b1e000010000000200000003090909090bede0001070707072a0002', 'hex')]);
});
