// The built watch page in Chromium, under the page policy, against a fake room: HLS from a real ffmpeg, WebRTC from
// another page of the same browser.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { CommandFrame } from '../../../../server/protocol/wire.ts';
import type { DrawnRecord } from '../../../../web/pages/watch/event-feed.ts';
import type { PlayerState } from '../../../../web/sdk/index.ts';
import { eventually } from '../../support/eventually.ts';
import { Refusal } from '../../support/fake-room.ts';
import { LiveHls } from '../../support/live-hls.ts';
import { createOrigin } from '../../support/origin-page.ts';
import { WatchSite } from '../../support/watch-site.ts';

const CHROMIUM = process.env['CHROMIUM_BIN'] ?? '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The answering page gathers addresses that the other can use without multicast DNS.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];
const LAYERS = [
  { index: 0, name: '90p', width: 160, height: 90 },
  { index: 1, name: '180p', width: 320, height: 180 },
];

interface Insides {
  readonly drawn: DrawnRecord[];
  readonly player: {
    state: PlayerState;
    transport: string;
    latencyMs: number;
    webrtc: { clockSource: string };
  };
  readonly room: { state: { status: string; events?: string } };
}

let browser: Browser;
let hls: LiveHls;
let hlsDir: string;
let webDir: string;

if (!existsSync(CHROMIUM)) t.bailout(`no Chromium at ${CHROMIUM}; CHROMIUM_BIN says where it is`);

t.before(async () => {
  hlsDir = await mkdtemp(join(tmpdir(), 'barrage-watch-'));
  webDir = join(hlsDir, 'web');
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  hls = await LiveHls.start(hlsDir);
});

t.teardown(async () => {
  await browser?.close();
  await hls?.stop();
  await rm(hlsDir, { recursive: true, force: true });
});

async function setUp(t: Test) {
  const site = await WatchSite.start(webDir, hlsDir);
  t.teardown(() => site.close());
  const { room } = site;
  room.stream = { state: 'live', sinceMs: Date.now(), layers: LAYERS };
  const problems: string[] = [];
  const open = async (query = '', options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width: 1100, height: 700 }, ...options });
    t.teardown(() => context.close());
    const page = await context.newPage();
    page.on('console', (message) => {
      // A 404 of a stream that is not there yet is no fault of the page.
      const network = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !network) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(site.url(query));
    return page;
  };
  return { site, room, open, problems };
}

const insides = <T>(page: Page, read: (insides: Insides) => T): Promise<T> =>
  page.evaluate(`(${read.toString()})(window.barrage)`);

async function untilPlaying(page: Page, transport: string): Promise<void> {
  const read = () => insides(page, ({ player }) => player.state);
  const isThere = (state: PlayerState) => 'transport' in state && state.transport === transport;
  const probe = async () => {
    const state = await read();
    return state.status === 'playing' && isThere(state);
  };
  await eventually(probe, { what: `playing ${transport}`, timeoutMs: 25_000 }).catch(async (error) => {
    throw new Error(`${error.message}; it is ${JSON.stringify(await read())}`);
  });
}

async function untilDrawn(page: Page, text: string): Promise<DrawnRecord> {
  return eventually(
    async () => (await insides(page, ({ drawn }) => drawn)).find((one) => one.text === text),
    { what: `drawing "${text}"`, timeoutMs: 15_000 },
  );
}

t.test('HLS plays, and a danmaku is drawn when the picture reaches its moment, not before', async (t) => {
  const { room, open, problems } = await setUp(t);
  const page = await open('?transport=hls');
  await untilPlaying(page, 'hls');
  await page.waitForFunction(
    () => (globalThis as unknown as { barrage: Insides }).barrage.player.latencyMs > 0,
  );
  const event = room.say('on time', Date.now() - 500);
  t.notOk((await insides(page, ({ drawn }) => drawn)).some((one) => one.text === 'on time'));
  const drawn = await untilDrawn(page, 'on time');
  t.equal(drawn.cause, 'due');
  const { mediaTimeMs } = event as { mediaTimeMs: number };
  t.ok((drawn.playheadMs ?? 0) >= mediaTimeMs, 'not early');
  t.match(await page.textContent('#chat'), /on time/);
  t.same(problems, []);
});

t.test('a message is sent on Enter with the moment its author sees, and a like is counted', async (t) => {
  const { room, open } = await setUp(t);
  const page = await open('?transport=hls&name=Ann');
  await untilPlaying(page, 'hls');
  await page.waitForFunction(
    () => (globalThis as unknown as { barrage: Insides }).barrage.player.latencyMs > 0,
  );
  await page.keyboard.press('/');
  await page.keyboard.type('my words');
  await page.keyboard.press('Enter');
  const drawn = await untilDrawn(page, 'my words');
  t.ok(Math.abs(Date.now() - drawn.mediaTimeMs) < 60_000);
  t.ok(drawn.mediaTimeMs < drawn.at, 'the picture is older than the message');
  t.equal(await page.inputValue('#text'), '');
  for (let tap = 0; tap < 5; tap++) await page.click('#like');
  await eventually(() => room.likes === 5, { what: 'the likes arriving' });
  t.equal(await page.textContent('#likes'), '5');
});

t.test('a rate limit keeps the text and counts down', async (t) => {
  const { room, open } = await setUp(t);
  room.handlers['danmaku.send'] = () => {
    throw new Refusal({ code: 'RATE_LIMITED', message: '', retryable: true, retryAfterMs: 1500 });
  };
  const page = await open('?transport=hls');
  await eventually(() => insides(page, ({ room }) => room.state.status === 'open'), { what: 'the room' });
  await page.fill('#text', 'again');
  await page.press('#text', 'Enter');
  await page.waitForFunction(() =>
    /again in 2 s/.test(document.querySelector('#composer-error')?.textContent ?? ''),
  );
  t.equal(await page.inputValue('#text'), 'again');
  t.ok(await page.isDisabled('#send'));
  await page.waitForFunction(() => document.querySelector('#composer-error')?.textContent === '');
  t.ok(await page.isEnabled('#send'));
});

t.test('WebRTC plays, and the events move to its data channels', async (t) => {
  const { site, room, open, problems } = await setUp(t);
  const originPage = await (await browser.newContext()).newPage();
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
  t.teardown(() => originPage.context().close());
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
  await eventually(() => insides(page, ({ player }) => player.webrtc.clockSource === 'capture-time'), {
    what: 'a capture time, which takes some sender reports,',
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
  const { room, open } = await setUp(t);
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
  const { room, open } = await setUp(t);
  room.handlers['webrtc.close'] = () => ({});
  const originPage = await (await browser.newContext()).newPage();
  t.teardown(() => originPage.context().close());
  await originPage.goto((await setUp(t)).site.url('?transport=hls'));
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

t.test('the page says what the stream is doing', async (t) => {
  const { room, open } = await setUp(t);
  room.stream = { state: 'waiting' };
  const page = await open('?transport=hls');
  await page.waitForSelector('#notice >> text=has not started');
  room.setStream({ state: 'live', sinceMs: Date.now(), layers: LAYERS });
  await untilPlaying(page, 'hls');
  await page.waitForSelector('#notice', { state: 'hidden' });
  t.equal(await page.textContent('#badge'), 'Live');
  room.setStream({ state: 'interrupted', sinceMs: Date.now() });
  await page.waitForSelector('#notice >> text=lost the connection');
  room.setStream({ state: 'live', sinceMs: Date.now(), layers: LAYERS });
  await page.waitForSelector('#notice', { state: 'hidden' });
  room.setStream({ state: 'waiting' });
  await page.waitForSelector('#notice >> text=has ended');
});

t.test('a lost connection is told and heals, a final one says why', async (t) => {
  const { room, open } = await setUp(t);
  const page = await open('?transport=hls');
  await eventually(() => insides(page, ({ room }) => room.state.status === 'open'), { what: 'the room' });
  room.dropAll(4008);
  await page.waitForSelector('#connection >> text=Connection to the chat lost');
  await page.waitForSelector('#connection', { state: 'hidden' });
  room.say('still here', Date.now() - 60_000);
  await page.waitForSelector('#chat >> text=still here');
  room.dropAll(4504);
  await page.waitForSelector('#connection >> text=You were removed');
});

t.test('every control is reached and worked by keyboard', async (t) => {
  const { open } = await setUp(t);
  const page = await open('?transport=hls');
  await untilPlaying(page, 'hls');
  const reached: string[] = [];
  for (let press = 0; press < 20; press++) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement?.id ?? ''));
  }
  for (const id of [
    'play',
    'mute',
    'danmaku-toggle',
    'settings-button',
    'fullscreen',
    'text',
    'like',
    'chat',
  ])
    t.ok(reached.includes(id), id);
  await page.focus('#settings-button');
  await page.keyboard.press('Enter');
  t.ok(await page.isVisible('#settings'));
  await page.keyboard.press('Escape');
  t.notOk(await page.isVisible('#settings'));
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('d');
  t.equal(await page.getAttribute('#danmaku-toggle', 'aria-pressed'), 'false');
  await page.keyboard.press('m');
  await page.waitForSelector('#mute[aria-label="Unmute"]', { state: 'attached' });
  await page.keyboard.press(' ');
  await page.waitForSelector('#play[aria-label="Play"]', { state: 'attached' });
});

t.test("a phone's screen shows everything without scrolling sideways", async (t) => {
  const { room, open } = await setUp(t);
  room.record('a message that is quite a bit longer than the screen of a phone is wide, without end');
  room.likes = 1_234_567;
  const phone = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };
  const page = await open('?transport=hls', phone);
  await untilPlaying(page, 'hls');
  t.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  for (const id of ['video', 'text', 'send', 'like', 'chat']) {
    const box = await page.locator(`#${id}`).boundingBox();
    t.ok(box && box.x >= 0 && box.x + box.width <= 360 && box.y + box.height <= 640, id);
  }
  await page.tap('#style-button');
  const panel = await page.locator('#style-panel').boundingBox();
  t.ok(panel && panel.x >= 0 && panel.x + panel.width <= 360 && panel.y >= 0, 'the panel');
});
