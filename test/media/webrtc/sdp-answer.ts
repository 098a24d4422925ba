// Writing answers: read back by an SDP parser, section by section.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'sdp-transform';
import t from 'tap';
import { type AnswerParts, writeAnswer, writeIceFragment } from '../../../media/webrtc/sdp-answer.ts';
import { parseOffer, type SdpOffer, servedMedia } from '../../../media/webrtc/sdp-offer.ts';

const corpus = path.join(import.meta.dirname, 'offers');
const offerOf = (name: string): SdpOffer => parseOffer(readFileSync(path.join(corpus, name), 'utf8'));
const ICE = {
  ufrag: 'abcd',
  password: 'p'.repeat(24),
  candidates: (['udp', 'tcp'] as const).map((protocol) => ({
    ...{ foundation: protocol, priority: 1, address: '192.0.2.1', port: 44444, protocol },
  })),
};

function partsFor(offer: SdpOffer, data: boolean): AnswerParts {
  const media = servedMedia(offer).map((section, index) => {
    const { payloadType, rtxPayloadType, feedback } = section.codec;
    const ssrc = 1000 + index * 2;
    const rtxSsrc = rtxPayloadType === undefined ? undefined : ssrc + 1;
    const extensions = [{ id: 5, uri: 'urn:x' }];
    return [
      section.mid,
      { payloadType, rtxPayloadType, ssrc, rtxSsrc, feedback, extensions, clockOffset: 7 },
    ] as const;
  });
  return {
    ...{ sessionId: '1', ice: ICE, cname: 'room', media: new Map(media) },
    fingerprint: { algorithm: 'sha-256', value: 'AA:BB' },
    sctp: data ? { port: 5000, maxMessageSize: 65536 } : undefined,
  };
}

t.test('an answer has the sections of the offer in order, one bundle led by the sound', async (t) => {
  const offer = offerOf('chromium-156-video-audio-data.sdp');
  const answer = parse(writeAnswer(offer, partsFor(offer, true)));
  t.same(
    answer.media.map((media) => media.type),
    ['video', 'audio', 'application'],
  );
  t.equal(answer.groups?.[0]?.mids, '1 0 2');
  t.equal(answer.icelite, 'ice-lite');
  t.same(
    answer.media.map((media) => media.candidates?.length ?? 0),
    [0, 2, 0],
    'candidates once',
  );
  t.equal(answer.media[1]?.candidates?.[1]?.tcptype, 'passive');
  for (const media of answer.media) t.equal(media.setup, 'passive');
  const [video, audio, data] = answer.media;
  t.equal(video?.direction, 'sendonly');
  t.equal(video?.ssrcGroups?.[0]?.semantics, 'FID');
  t.match(video?.fmtp[0]?.config, /packetization-mode=1/);
  t.equal(audio?.rtp[0]?.encoding, 2);
  t.equal(data?.sctpPort, 5000);
});

t.test('refused sections have port 0 and are not in the bundle', async (t) => {
  const offer = offerOf('chromium-156-video-audio-data.sdp');
  const answer = parse(writeAnswer(offer, partsFor(offer, false)));
  t.equal(answer.media[2]?.port, 0);
  t.equal(answer.groups?.[0]?.mids, '1 0');
});

t.test('the fragment of an ICE restart carries credentials, candidates and the bundle', async (t) => {
  const fragment = writeIceFragment(offerOf('chromium-156-audio-video.sdp'), ICE);
  t.match(fragment, /a=ice-ufrag:abcd\r\n/);
  t.match(fragment, /a=group:BUNDLE 0 1\r\n/);
  t.match(fragment, /a=mid:0\r\n/);
  t.match(fragment, /a=end-of-candidates\r\n/);
});
