// Choosing and changing the transport, in Chromium: WebRTC from another page of the same browser, HLS from a real
// ffmpeg.
import t from 'tap';
import type { CommandFrame } from '../../../server/protocol/wire.ts';
import { eventually } from '../support/eventually.ts';
import { Refusal } from '../support/fake-room.ts';
import { createOrigin } from '../support/origin-page.ts';
import { insides, untilDrawn, untilPlaying, WatchBrowser } from '../support/watch-browser.ts';

let chromium: WatchBrowser;

t.before(async () => {
  chromium = await WatchBrowser.start();
});

t.teardown(() => chromium?.close());

t.test('WebRTC plays, and the events move to its data channels', async (t) => {
  const { site, room, open, problems } = await chromium.setUp(t);
  const originPage = await chromium.openPage(t);
  await originPage.goto(site.url('?transport=hls'));
  const said: CommandFrame[] = [];
  const origin = await createOrigin(originPage, (lane, text) => {
    const command = JSON.parse(text) as CommandFrame;
    said.push(command);
    const result = room.handlers[command.method]?.(
      command.params as Record<string, unknown>,
      undefined as never,
    );
    void origin.send(lane, JSON.stringify({ id: command.id, result }));
  });
  const layers: unknown[] = [];
  room.handlers['webrtc.offer'] = async ({ sdp }) => ({
    sessionId: 'w1',
    sdp: await origin.answer(String(sdp)),
  });
  room.handlers['webrtc.layer'] = (params) => {
    layers.push(params['layer']);
    return {};
  };
  room.handlers['webrtc.close'] = () => ({});
  const page = await open();
  await untilPlaying(page, 'webrtc');
  await eventually(() => insides(page, ({ room }) => room.state.events === 'data-channel'), {
    what: 'the move',
  });
  t.match(said[0], { method: 'hello', params: { resume: { epoch: 'e1' } } });
  const event = room.record('by data channel', Date.now() - 100);
  await origin.send('chat', JSON.stringify({ epoch: room.epoch, events: [event] }));
  await origin.send('pulse', JSON.stringify({ epoch: room.epoch, events: [{ type: 'likes', total: 77 }] }));
  await untilDrawn(page, 'by data channel');
  t.equal(await page.textContent('#likes'), '77');
  await page.fill('#text', 'upwards');
  await page.press('#text', 'Enter');
  await eventually(() => said.some(({ method }) => method === 'danmaku.send'), {
    what: 'the command on value',
  });
  await eventually(() => insides(page, ({ player }) => player.webrtc.clockSource === 'receive-time'), {
    what: 'the guess by reception, the answer of a browser naming no clock,',
    timeoutMs: 20_000,
  });
  t.ok((await insides(page, ({ player }) => player.latencyMs)) < 5000);
  await page.hover('#stage');
  await page.click('#settings-button');
  await page.click('#qualities >> text=90p');
  await eventually(() => layers.at(-1) === 0, { what: 'the choice of a layer' });
  await origin.close();
  await eventually(() => room.commands.filter(({ method }) => method === 'webrtc.offer').length > 1, {
    what: 'another offer',
    timeoutMs: 20_000,
  });
  await untilPlaying(page, 'webrtc');
  t.same(problems, []);
});

t.test('HLS takes over when WebRTC is refused, and the transport can be chosen', async (t) => {
  const { room, open } = await chromium.setUp(t);
  room.handlers['webrtc.offer'] = () => {
    throw new Refusal({ code: 'OVERLOADED', message: 'no room for more viewers', retryable: true });
  };
  const page = await open();
  await untilPlaying(page, 'hls');
  await page.hover('#stage');
  await page.click('#settings-button');
  t.match(await page.textContent('#quality-now'), /HLS/);
  await page.click('#transports >> text=WebRTC');
  await page.waitForSelector('#notice >> text=no room for more viewers');
  await page.click('#transports >> text=Auto');
  await untilPlaying(page, 'hls');
});

t.test('HLS takes over when the media port cannot be reached', async (t) => {
  const { room, open } = await chromium.setUp(t);
  room.handlers['webrtc.close'] = () => ({});
  const originPage = await chromium.openPage(t);
  await originPage.goto((await chromium.setUp(t)).site.url('?transport=hls'));
  const origin = await createOrigin(originPage, () => undefined);
  room.handlers['webrtc.offer'] = async ({ sdp }) => ({
    sessionId: 'w1',
    // An address from which nothing ever answers (RFC 5737).
    sdp: (await origin.answer(String(sdp))).replace(/^(a=candidate:\S+ 1 \S+ \d+) \S+/gm, '$1 198.51.100.1'),
  });
  const page = await open();
  await untilPlaying(page, 'hls');
  t.ok(room.commands.some(({ method }) => method === 'webrtc.offer'));
});
