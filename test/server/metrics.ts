// Metrics as a scraper sees them.
import t from 'tap';
import { metricDefinitions } from '../../server/metric-definitions.ts';
import { startTestApp } from '../support/test-app.ts';
import { WsClient } from '../support/ws-client.ts';

async function scrape(origin: string): Promise<string> {
  const response = await fetch(`${origin}/metrics`);
  t.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  return response.text();
}

t.test('every metric of the table is there, with its help', async (t) => {
  const { origin } = await startTestApp(t);
  const text = await scrape(origin);
  for (const { name, type } of metricDefinitions) {
    t.match(text, `# TYPE ${name} ${type}\n`);
    t.match(text, `# HELP ${name} `);
  }
  t.match(text, /^process_cpu_seconds_total /m);
});

t.test('what happens is counted', async (t) => {
  const { origin, media } = await startTestApp(t, { interaction: { danmaku: { burst: 1 } } });
  const { client } = await WsClient.join(origin, 'demo');
  await client.call('danmaku.send', { text: 'x' });
  await t.rejects(client.call('danmaku.send', { text: 'y' }));
  await client.call('like.send', { count: 3 });
  await client.until((events) => events.some((event) => event.type === 'danmaku'));
  await fetch(`${origin}/live/nowhere/index.m3u8`);
  media.getRoom('demo').setInfo({ state: 'live', sinceMs: 1, layers: [] });
  const text = await scrape(origin);
  for (const line of [
    'barrage_room_events_total{type="danmaku",lane="chat"} 1',
    'barrage_room_events_total{type="likes",lane="pulse"} 1',
    'barrage_room_events_total{type="stream",lane="value"} 1',
    'barrage_refusals_total{surface="session",code="RATE_LIMITED"} 1',
    'barrage_refusals_total{surface="http",code="ROOM_NOT_FOUND"} 1',
    'barrage_streams{state="live"} 1',
    'barrage_viewers{transport="websocket"} 1',
    'barrage_websocket_connections 1',
    'barrage_rooms{state="known"} 1',
    'barrage_command_seconds_bucket{method="danmaku.send",le="+Inf"} 1',
    'barrage_command_seconds_count{method="like.send"} 1',
  ]) {
    t.match(text, `${line}\n`);
  }
  t.match(text, /^barrage_bytes_sent_total\{kind="websocket"\} [1-9]\d+$/m);
  t.match(text, /^barrage_event_loop_delay_seconds\{quantile="0.99"\} 0\.\d+/m);
});

t.test('counters do not go back between scrapes', async (t) => {
  const { origin } = await startTestApp(t);
  const { client } = await WsClient.join(origin, 'demo');
  await client.call('like.send', { count: 1 });
  await scrape(origin);
  await client.call('like.send', { count: 1 });
  t.match(await scrape(origin), /type="likes",lane="pulse"\} 2$/m);
});
