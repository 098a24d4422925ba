// Payload mappings, checked against what mediasoup makes of them.
import fc from 'fast-check';
import { generateRouterRtpCapabilities } from 'mediasoup/ortc';
import t from 'tap';
import {
  completeMapping,
  mappingServes,
  type PayloadMapping,
  routerCodecs,
} from '../../../media/webrtc/payload-mapping.ts';

/** The payload types that a router with these codecs would use. */
function routed(mapping: PayloadMapping): PayloadMapping {
  const { codecs = [] } = generateRouterRtpCapabilities(routerCodecs(completeMapping(mapping)));
  const find = (mimeType: string) => codecs.findLast((codec) => codec.mimeType.toLowerCase() === mimeType);
  const h264 = find('video/h264')?.preferredPayloadType;
  const rtx = codecs.find((codec) => codec.mimeType === 'video/rtx' && codec.parameters?.['apt'] === h264);
  return { h264, rtx: rtx?.preferredPayloadType, opus: find('audio/opus')?.preferredPayloadType };
}

t.test('mediasoup uses the payload types of the offer, retransmission included', async (t) => {
  t.same(routed({ h264: 108, rtx: 109, opus: 111 }), { h264: 108, rtx: 109, opus: 111 }, 'Chromium');
  t.same(routed({ h264: 126, rtx: 127, opus: 109 }), { h264: 126, rtx: 127, opus: 109 }, 'Firefox');
  t.same(routed({ h264: 98, rtx: 99, opus: 111 }), { h264: 98, rtx: 99, opus: 111 }, 'Safari');
  const dynamic = fc.uniqueArray(fc.integer({ min: 96, max: 127 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(dynamic, ([h264, rtx, opus]) => {
      const wanted = { h264: h264!, rtx: rtx!, opus: opus! };
      return JSON.stringify(routed(wanted)) === JSON.stringify(wanted);
    }),
  );
});

t.test('what the offer leaves open is decided without collisions', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 35, max: 127 }), (opus) => {
      const { h264, rtx } = completeMapping({ h264: undefined, rtx: undefined, opus });
      return new Set([h264, rtx, opus]).size === 3;
    }),
  );
  t.same(routed({ h264: 108, rtx: undefined, opus: undefined }).h264, 108);
});

t.test('an outlet serves an offer that needs less', async (t) => {
  const have = { h264: 108, rtx: 109, opus: 111 };
  t.ok(mappingServes(have, have));
  t.ok(mappingServes(have, { h264: undefined, rtx: undefined, opus: 111 }));
  t.notOk(mappingServes(have, { h264: 108, rtx: undefined, opus: 111 }));
  t.notOk(mappingServes(have, { h264: 108, rtx: 109, opus: 110 }));
});
