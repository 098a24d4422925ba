// Reading offers: what browsers really send, and what nobody should.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { BarrageError } from '../../../core/errors.ts';
import { MAX_SDP_CHARS, parseOffer, servedMedia } from '../../../media/webrtc/sdp-offer.ts';

const corpus = path.join(import.meta.dirname, 'offers');
const chromium = readFileSync(path.join(corpus, 'chromium-156-audio-video.sdp'), 'utf8');
const chromiumData = readFileSync(path.join(corpus, 'chromium-156-video-audio-data.sdp'), 'utf8');
const firefox = readFileSync(path.join(corpus, 'firefox-video-audio.sdp'), 'utf8');

function code(sdp: string): string {
  try {
    parseOffer(sdp);
    return 'accepted';
  } catch (error) {
    return error instanceof BarrageError ? error.code : `threw ${error}`;
  }
}

t.test('a Chromium offer gives constrained baseline in packetization mode 1, with its RTX', async (t) => {
  const [audio, video] = servedMedia(parseOffer(chromium));
  t.equal(audio?.codec.payloadType, 111);
  t.equal(video?.codec.payloadType, 108);
  t.equal(video?.codec.rtxPayloadType, 109);
  t.match(video?.codec.fmtp, /packetization-mode=1;profile-level-id=42e01f/);
  t.ok(video?.codec.feedback.some((fb) => fb.type === 'transport-cc'));
  t.equal(parseOffer(chromium).takesOtherExtensionIds, true);
});

t.test('sections keep the order of the offer, data among them', async (t) => {
  t.same(
    parseOffer(chromiumData).sections.map((section) => section.kind),
    ['video', 'audio', 'data'],
  );
});

t.test('a Firefox offer is taken with its own extension ids only', async (t) => {
  const offer = parseOffer(firefox);
  t.equal(offer.takesOtherExtensionIds, false);
  t.same(
    servedMedia(offer).map((section) => [
      section.kind,
      section.codec.payloadType,
      section.codec.rtxPayloadType,
    ]),
    [
      ['video', 126, 127],
      ['audio', 109, undefined],
    ],
  );
});

t.test('profiles are preferred in order: constrained baseline, baseline, main, high', async (t) => {
  const without = (...profiles: string[]): string =>
    profiles.reduce(
      (sdp, profile) => sdp.replaceAll(`profile-level-id=${profile}`, 'x=1;packetization-mode=0'),
      chromium,
    );
  const chosen = (sdp: string): string | undefined => servedMedia(parseOffer(sdp))[1]?.codec.fmtp.slice(-6);
  t.equal(chosen(chromium), '42e01f');
  t.equal(chosen(without('42e01f')), '42001f');
  t.equal(chosen(without('42e01f', '42001f')), '4d001f');
  const high = chromium
    .replaceAll('42e01f', '640028')
    .replaceAll('42001f', '640028')
    .replaceAll('4d001f', '640028')
    .replaceAll('f4001f', '640028');
  t.equal(chosen(high), '640028', 'and digits alone are not taken for a number');
});

t.test('what cannot be served is refused with the reason', async (t) => {
  t.equal(code(''), 'BAD_REQUEST');
  t.equal(code('hello'), 'BAD_REQUEST');
  t.equal(code('v=0\r\n'), 'BAD_REQUEST');
  t.equal(code(`v=0\r\n${'a=x\r\n'.repeat(MAX_SDP_CHARS)}`), 'TOO_LARGE');
  t.equal(code(chromium.replaceAll('H264', 'H266')), 'UNSUPPORTED_MEDIA');
  t.equal(code(chromium.replaceAll('opus', 'lyra')), 'UNSUPPORTED_MEDIA');
  t.equal(
    code(chromium.replaceAll('a=recvonly', 'a=sendonly')),
    'UNSUPPORTED_MEDIA',
    'a publisher is not a viewer',
  );
  t.equal(code(chromium.replaceAll(/a=fingerprint.*\r\n/g, '')), 'BAD_REQUEST');
  t.equal(code(chromium.replaceAll(/a=ice-ufrag.*\r\n/g, '')), 'BAD_REQUEST');
  t.equal(code(chromium.replaceAll(/a=mid.*\r\n/g, '')), 'BAD_REQUEST');
  t.equal(code(chromium.replaceAll('a=mid:1', 'a=mid:0')), 'BAD_REQUEST', 'mids must differ');
  t.equal(code(chromium.replaceAll('a=setup:actpass', 'a=setup:holdconn')), 'BAD_REQUEST');
  t.throws(() => parseOffer(chromium.replaceAll('H264', 'H266')), /video: H264.*offered: VP8/);
});

t.test('only what is in the bundle is served, and one section of a kind', async (t) => {
  const alone = parseOffer(chromium.replace('a=group:BUNDLE 0 1', 'a=group:BUNDLE 0'));
  t.same(
    alone.sections.map((section) => section.kind),
    ['audio', 'refused'],
  );
  const twice = parseOffer(
    chromium
      .replaceAll(/m=audio/g, 'm=video')
      .replaceAll('opus/48000/2', 'H264/90000')
      .replace('minptime=10', 'packetization-mode=1'),
  );
  t.same(
    twice.sections.map((section) => section.kind),
    ['video', 'refused'],
  );
});

t.test('damaged offers are answered or refused, never thrown at the caller otherwise', async (t) => {
  const damage = fc.record({
    base: fc.constantFrom(chromium, chromiumData, firefox),
    cut: fc.double({ min: 0, max: 1, noNaN: true }),
    edits: fc.array(fc.tuple(fc.nat(20_000), fc.string({ maxLength: 6 })), { maxLength: 6 }),
    dropped: fc.array(fc.nat(400), { maxLength: 5 }),
  });
  const refused = ['accepted', 'BAD_REQUEST', 'UNSUPPORTED_MEDIA', 'TOO_LARGE'];
  fc.assert(
    fc.property(damage, ({ base, cut, edits, dropped }) => {
      let sdp = base
        .split('\r\n')
        .filter((_, index) => !dropped.includes(index))
        .join('\r\n');
      for (const [at, text] of edits) sdp = sdp.slice(0, at % sdp.length) + text + sdp.slice(at % sdp.length);
      const result = code(sdp.slice(0, Math.ceil(sdp.length * (cut > 0.3 ? 1 : cut))));
      return refused.includes(result);
    }),
    { numRuns: 500 },
  );
  t.pass();
});
