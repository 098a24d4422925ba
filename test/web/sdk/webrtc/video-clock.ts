// Where the media time of a WebRTC frame comes from.
import t from 'tap';
import { ServerClock } from '../../../../web/sdk/timing/server-clock.ts';
import { frameMediaMs, playoutMediaMs } from '../../../../web/sdk/webrtc/video-clock.ts';

function aheadBy(offsetMs: number) {
  const nowMs = performance.timeOrigin + 10_000;
  const clock = new ServerClock(() => nowMs);
  clock.addSample({ sentAtMs: nowMs, receivedAtMs: nowMs, serverTimeMs: nowMs + offsetMs });
  return clock;
}

t.test('the capture time is put on the server clock', async (t) => {
  const found = frameMediaMs({ captureTime: 9700, receiveTime: 9900 }, aheadBy(5000));
  t.same(found, { mediaMs: performance.timeOrigin + 14_700, source: 'capture-time' });
});

t.test('a capture time out of the question is not believed', async (t) => {
  for (const captureTime of [-90_000, 12_000]) {
    const found = frameMediaMs({ captureTime, receiveTime: 9900 }, aheadBy(0));
    t.equal(found?.source, 'receive-time');
  }
});

t.test('without any time the frame says nothing', async (t) => {
  t.equal(frameMediaMs({}, aheadBy(0)), undefined);
});

t.test('playout timestamps are turned from the NTP epoch into the Unix one', async (t) => {
  t.equal(playoutMediaMs(2_208_988_800_000 + 1_790_000_000_123), 1_790_000_000_123);
  t.equal(playoutMediaMs(1_790_000_000_123), 1_790_000_000_123);
  t.equal(playoutMediaMs(0), undefined);
  t.equal(playoutMediaMs(undefined), undefined);
});
