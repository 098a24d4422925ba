// The offer's SDP.
import t from 'tap';
import { withStereoOpus } from '../../../../web/sdk/webrtc/offer.ts';

const SDP =
  'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n';

t.test('Opus is asked for in stereo, other codecs are left alone', async (t) => {
  const expected = SDP.replace('useinbandfec=1', 'useinbandfec=1;stereo=1');
  t.equal(withStereoOpus(SDP), expected);
  t.equal(withStereoOpus(expected), expected);
});

t.test('an offer without Opus is left as it is', async (t) => {
  t.equal(withStereoOpus('v=0\r\n'), 'v=0\r\n');
});
