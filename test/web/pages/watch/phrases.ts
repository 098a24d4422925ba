// What people are told about states and errors.
import t from 'tap';
import {
  describeBadge,
  describeConnection,
  describeLatency,
  describePicture,
  formatCount,
} from '../../../../web/pages/watch/phrases.ts';

const LIVE = { state: 'live', sinceMs: 0, layers: [] } as const;
const PLAYING = { status: 'playing', transport: 'webrtc' } as const;

t.test('a picture that plays needs no words', async (t) => {
  t.equal(describePicture(LIVE, PLAYING, true), undefined);
});

t.test('waiting, ended and interrupted are told apart', async (t) => {
  const title = (stream: Parameters<typeof describePicture>[0], wasLive: boolean) =>
    describePicture(stream, { status: 'idle' }, wasLive)?.title;
  t.match(title({ state: 'waiting' }, false), /not started/);
  t.match(title({ state: 'waiting' }, true), /ended/);
  t.match(title({ state: 'interrupted', sinceMs: 0 }, true), /lost the connection/);
  t.equal(describeBadge({ state: 'waiting' }, true).text, 'Ended');
  t.equal(describeBadge(LIVE, true).text, 'Live');
});

t.test('trouble names its reason', async (t) => {
  const notice = describePicture(LIVE, { status: 'trouble', transport: 'webrtc', reason: 'no way' }, true);
  t.match(notice?.detail, /no way/);
});

t.test('a lost connection counts down, a final close says why', async (t) => {
  const waiting = { status: 'waiting', attempt: 1, retryAtMs: 5000, code: 1006 } as const;
  t.match(describeConnection(waiting, true, 2100), /lost.*in 3 s/);
  t.match(describeConnection(waiting, false, 2100), /cannot be reached/);
  t.match(describeConnection({ status: 'closed', code: 4504, reason: '' }, true, 0), /removed/);
  t.equal(describeConnection({ status: 'open', events: 'websocket' }, true, 0), undefined);
});

t.test('numbers are short', async (t) => {
  t.equal(formatCount(9999), '9,999');
  t.equal(formatCount(12_345), '12.3K');
  t.equal(describeLatency(345), '0.3 s');
  t.equal(describeLatency(undefined), '');
});
