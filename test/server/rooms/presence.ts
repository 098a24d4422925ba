// Who counts as a viewer.
import t from 'tap';
import { HLS_VIEWER_MS, Presence } from '../../../server/rooms/presence.ts';

t.test('a viewer counts once, whatever the number of its transports', async (t) => {
  const presence = new Presence(() => undefined);
  const leave = presence.enterSession('websocket', 'ann');
  presence.touchHls('ann', 0);
  presence.touchHls('bob', 0);
  const leaveWhep = presence.enterWhep();
  t.same(presence.counts(), { websocket: 1, webrtc: 1, hls: 2, total: 3 });
  leave();
  leaveWhep();
  t.same(presence.counts(), { websocket: 0, webrtc: 0, hls: 2, total: 2 });
});

t.test('a WHEP viewer that talks over its data channels counts once', async (t) => {
  const presence = new Presence(() => undefined);
  presence.enterWhep();
  presence.enterSession('datachannel', 'ann');
  t.equal(presence.counts().total, 1);
});

t.test('two tabs of one browser are two sessions, and its HLS neither', async (t) => {
  const presence = new Presence(() => undefined);
  const leave = presence.enterSession('websocket', 'ann');
  presence.enterSession('websocket', 'ann');
  presence.touchHls('ann', 0);
  t.equal(presence.counts().total, 2);
  leave();
  t.equal(presence.counts().total, 1);
});

t.test('who fetches no more playlists is forgotten', async (t) => {
  let changes = 0;
  const presence = new Presence(() => void changes++);
  presence.touchHls('ann', 0);
  presence.touchHls('ann', 5);
  t.equal(changes, 1);
  presence.sweep(HLS_VIEWER_MS + 5);
  t.equal(presence.counts().hls, 1);
  presence.sweep(HLS_VIEWER_MS + 6);
  t.equal(presence.counts().hls, 0);
  t.equal(changes, 2);
});
