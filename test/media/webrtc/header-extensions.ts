// Extension ids: the client's where they agree, ours where it takes them, none where they would collide.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { agreeExtensions, bundleTag, hasBandwidthEstimate } from '../../../media/webrtc/header-extensions.ts';
import { parseOffer, type SdpOffer, servedMedia } from '../../../media/webrtc/sdp-offer.ts';

const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';
const OURS = [
  { id: 1, uri: MID },
  { id: 4, uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time' },
  { id: 5, uri: TRANSPORT_CC },
];

const read = (name: string): string => readFileSync(path.join(import.meta.dirname, 'offers', name), 'utf8');

function agreedForVideo(offer: SdpOffer) {
  return agreeExtensions(servedMedia(offer).find((section) => section.kind === 'video')!, offer, OURS);
}

t.test('the bundle is led by the sound, which leaves our ids free in Chromium', async (t) => {
  const audioFirst = parseOffer(read('chromium-156-audio-video.sdp'));
  const videoFirst = parseOffer(read('chromium-156-video-audio-data.sdp'));
  t.equal(bundleTag(audioFirst), '0');
  t.equal(bundleTag(videoFirst), '1');
  for (const offer of [audioFirst, videoFirst]) t.ok(hasBandwidthEstimate(agreedForVideo(offer)));
});

t.test('a player that is not ours keeps its own ids and its own order', async (t) => {
  for (const name of ['chromium-156-audio-video.sdp', 'chromium-156-video-audio-data.sdp']) {
    const offer = parseOffer(read(name), { anyPlayer: true });
    t.equal(bundleTag(offer), '0');
    t.notOk(hasBandwidthEstimate(agreedForVideo(offer)), 'transport-cc is another id there');
  }
});

t.test('a section offered for the bundle only is served, though its port is 0', async (t) => {
  const sdp = read('chromium-156-audio-video.sdp').replace(/^(m=video )9( .*)$/m, '$10$2\r\na=bundle-only');
  t.equal(servedMedia(parseOffer(sdp)).length, 2);
});

t.test('an id that the client has for something else in the tagged section is not used', async (t) => {
  const offer = parseOffer(read('chromium-156-audio-video.sdp'));
  t.notOk(
    agreedForVideo(offer).some((each) => each.uri === MID),
    '1 is the audio level there',
  );
});

t.test('Firefox is answered only with ids that are its own', async (t) => {
  const sdp = read('firefox-video-audio.sdp');
  t.same(agreedForVideo(parseOffer(sdp)), []);
  const lucky = sdp.replace('extmap:5 urn', 'extmap:9 urn').replace('extmap:7 http', 'extmap:5 http');
  t.same(agreedForVideo(parseOffer(lucky)), [{ id: 5, uri: TRANSPORT_CC }]);
});
