// The H.264 packetizer against a reassembler written from RFC 6184, on random access units.
import fc from 'fast-check';
import t from 'tap';
import { joinNals } from '../../../core/codec/nal.ts';
import { packetizeH264 } from '../../../media/rtp/h264-packetizer.ts';

/** RFC 6184 5.6-5.8 backwards: payloads to NAL units; throws when fragments do not fit together. */
function reassemble(payloads: readonly Buffer[]): Buffer[] {
  const nals: Buffer[] = [];
  let open: Buffer[] | undefined;
  for (const payload of payloads) {
    const type = payload[0]! & 0x1f;
    if (type === 28) {
      const fu = payload[1]!;
      if (fu & 0x80) open = [Buffer.from([(payload[0]! & 0xe0) | (fu & 0x1f)])];
      if (!open || (fu & 0xc0) === 0xc0) throw new Error('fragment without start, or of one piece');
      open.push(payload.subarray(2));
      if (fu & 0x40) nals.push(Buffer.concat(open.splice(0)));
      if (fu & 0x40) open = undefined;
      continue;
    }
    if (open) throw new Error('fragments interrupted');
    if (type !== 24) nals.push(payload);
    else {
      for (let at = 1; at < payload.length; ) {
        const size = payload.readUInt16BE(at);
        nals.push(payload.subarray(at + 2, at + 2 + size));
        at += 2 + size;
      }
    }
  }
  if (open) throw new Error('last fragment missing');
  return nals;
}

const nal = (type: fc.Arbitrary<number>, maxLength: number) =>
  fc
    .tuple(fc.constantFrom(0, 0x20, 0x60), type, fc.uint8Array({ minLength: 1, maxLength }))
    .map(([ref, kind, body]) => Buffer.concat([Buffer.from([ref | kind]), body]));
const slices = fc.array(nal(fc.constantFrom(1, 5, 6), 6000), { minLength: 1, maxLength: 6 });

t.test('any unit splits into payloads within the limit and comes together again', async () => {
  fc.assert(
    fc.property(slices, fc.integer({ min: 20, max: 1188 }), (nals, maxPayloadBytes) => {
      const payloads = packetizeH264(joinNals(nals), { maxPayloadBytes });
      const whole = reassemble(payloads);
      return (
        payloads.every((payload) => payload.length <= maxPayloadBytes) &&
        whole.length === nals.length &&
        whole.every((each, index) => each.equals(nals[index]!))
      );
    }),
    { numRuns: 200 },
  );
});

t.test('parameter sets go first, in one STAP-A when they fit', async (t) => {
  const sps = Buffer.from([0x67, 1, 2, 3]);
  const pps = Buffer.from([0x68, 4]);
  const idr = Buffer.from([0x65, 9, 9]);
  const payloads = packetizeH264(joinNals([idr]), { maxPayloadBytes: 1188, parameterSets: [sps, pps] });
  t.same([...payloads[0]!], [0x78, 0, 4, ...sps, 0, 2, ...pps]);
  t.same(reassemble(payloads), [sps, pps, idr]);
  const tight = packetizeH264(joinNals([idr]), { maxPayloadBytes: 6, parameterSets: [sps, pps] });
  t.same(reassemble(tight), [sps, pps, idr], 'else as single units');
});

t.test('delimiters, filler and in-band parameter sets are left out', async (t) => {
  const idr = Buffer.from([0x65, 9]);
  const unit = joinNals([
    Buffer.from([9, 0xf0]),
    Buffer.from([0x67, 1]),
    Buffer.from([0x68, 1]),
    idr,
    Buffer.from([12, 255]),
  ]);
  t.same(packetizeH264(unit, { maxPayloadBytes: 1188 }), [idr]);
});
