// Where danmaku are placed in time, and how often they may be sent.
import fc from 'fast-check';
import t from 'tap';
import { placeInTime } from '../../../server/interaction/danmaku.ts';
import { startTestApp } from '../../support/test-app.ts';
import { WsClient } from '../../support/ws-client.ts';

t.test('a danmaku is placed where its sender was, within what viewers can be seeing', async (t) => {
  const range = { liveEdgeMs: 100_000, windowMs: 30_000 };
  t.equal(placeInTime(90_000, range), 90_000);
  t.equal(placeInTime(90_000.4, range), 90_000);
  t.equal(placeInTime(undefined, range), 100_000);
  t.equal(placeInTime(200_000, range), 100_000);
  t.equal(placeInTime(0, range), 70_000);
});

t.test('the place is always within the window', async () => {
  const ms = fc.integer({ min: 0, max: 2 ** 45 });
  fc.assert(
    fc.property(fc.option(ms, { nil: undefined }), ms, fc.nat(100_000), (asked, liveEdgeMs, windowMs) => {
      const placed = placeInTime(asked, { liveEdgeMs, windowMs });
      return placed <= liveEdgeMs && placed >= liveEdgeMs - windowMs;
    }),
  );
});

t.test('the live edge is that of the stream, and the clock when nothing is live', async (t) => {
  const { origin, media } = await startTestApp(t);
  const { client } = await WsClient.join(origin, 'demo');
  await client.call('danmaku.send', { text: 'before' });
  media.getRoom('demo').liveEdgeMs = 1_000_000;
  await client.call('danmaku.send', { text: 'during' });
  await client.call('danmaku.send', { text: 'behind', mediaTimeMs: 990_000 });
  await client.until((events) => events.filter((event) => event.type === 'danmaku').length === 3);
  const [before, during, behind] = client.eventsOf('danmaku').map((event) => event.mediaTimeMs);
  t.ok(Math.abs(before! - Date.now()) < 10_000);
  t.equal(during, 1_000_000);
  t.equal(behind, 990_000);
});

t.test('users behind one address share its rate', async (t) => {
  const danmaku = { perSecond: 1, burst: 10, addressPerSecond: 1, addressBurst: 3 };
  const { origin } = await startTestApp(t, { interaction: { danmaku } });
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, async () => {
      const { client } = await WsClient.join(origin, 'demo');
      return client.call('danmaku.send', { text: 'x' });
    }),
  );
  t.equal(results.filter(({ status }) => status === 'rejected').length, 2);
});
