// Which transport follows which failure.
import t from 'tap';
import { RoomError } from '../../../web/sdk/room/room-error.ts';
import { firstTransport, shouldFallBack, webrtcRetryMs } from '../../../web/sdk/transport-choice.ts';

const refused = (code: string) =>
  ({ kind: 'refused', error: new RoomError({ code, message: '', retryable: true }) }) as const;

t.test('WebRTC comes first where there is WebRTC, unless something else was asked for', async (t) => {
  t.equal(firstTransport('auto', true), 'webrtc');
  t.equal(firstTransport('auto', false), 'hls');
  t.equal(firstTransport('hls', true), 'hls');
  t.equal(firstTransport('webrtc', false), 'webrtc');
});

t.test('HLS takes over when WebRTC cannot connect or is refused', async (t) => {
  t.equal(shouldFallBack('auto', { kind: 'unreachable' }, false), true);
  t.equal(shouldFallBack('auto', { kind: 'frozen' }, false), true);
  t.equal(shouldFallBack('auto', refused('OVERLOADED'), false), true);
  t.equal(shouldFallBack('auto', refused('UNSUPPORTED_MEDIA'), false), true);
});

t.test('it does not when HLS would fare no better, or WebRTC was playing, or was insisted on', async (t) => {
  t.equal(shouldFallBack('auto', refused('STREAM_NOT_LIVE'), false), false);
  t.equal(shouldFallBack('auto', refused('DISCONNECTED'), false), false);
  t.equal(shouldFallBack('auto', { kind: 'lost' }, true), false);
  t.equal(shouldFallBack('auto', { kind: 'page' }, false), false);
  t.equal(shouldFallBack('webrtc', { kind: 'unreachable' }, false), false);
});

t.test('WebRTC is tried again less and less often', async (t) => {
  t.same(
    [0, 1, 2, 3, 4, 9].map((failures) => webrtcRetryMs(failures, () => 1)),
    [30_000, 60_000, 120_000, 240_000, 300_000, 300_000],
  );
});
