// Where the media time of a WebRTC frame comes from.
import t from 'tap';
import { ServerClock } from '../../../../web/sdk/timing/server-clock.ts';
import { NTP_TO_UNIX_MS, RtpClock } from '../../../../web/sdk/webrtc/rtp-clock.ts';
import { frameMediaMs, playoutMediaMs } from '../../../../web/sdk/webrtc/video-clock.ts';

function aheadBy(offsetMs: number) {
  const nowMs = performance.timeOrigin + 10_000;
  const clock = new ServerClock(() => nowMs);
  clock.addSample({ sentAtMs: nowMs, receivedAtMs: nowMs, serverTimeMs: nowMs + offsetMs });
  return clock;
}

t.test('the RTP timestamp is read on the clock of the answer', async (t) => {
  const server = aheadBy(5000);
  const mediaMs = Math.round(server.nowMs()) - 300;
  const rtpTimestamp = Number((BigInt(mediaMs + NTP_TO_UNIX_MS) * 90n) % BigInt(2 ** 32));
  const found = frameMediaMs({ rtpTimestamp, receiveTime: 9900 }, { server, rtpClock: new RtpClock(0) });
  t.equal(found?.source, 'rtp-timestamp');
  t.ok(Math.abs((found?.mediaMs ?? 0) - mediaMs) < 0.01);
});

t.test('without a clock in the answer the time of reception is the guess', async (t) => {
  const found = frameMediaMs(
    { rtpTimestamp: 1, receiveTime: 9900 },
    { server: aheadBy(0), rtpClock: undefined },
  );
  t.equal(found?.source, 'receive-time');
});

t.test('without any time the frame says nothing', async (t) => {
  t.equal(frameMediaMs({}, { server: aheadBy(0), rtpClock: undefined }), undefined);
});

t.test('playout timestamps are turned from the NTP epoch into the Unix one', async (t) => {
  t.equal(playoutMediaMs(2_208_988_800_000 + 1_790_000_000_123), 1_790_000_000_123);
  t.equal(playoutMediaMs(1_790_000_000_123), 1_790_000_000_123);
  t.equal(playoutMediaMs(0), undefined);
  t.equal(playoutMediaMs(undefined), undefined);
});
