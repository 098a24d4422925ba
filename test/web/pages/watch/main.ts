// The built watch page in Chromium, under the page policy, against a fake room and HLS from a real ffmpeg.
import t from 'tap';
import { eventually } from '../../support/eventually.ts';
import { Refusal } from '../../support/fake-room.ts';
import {
  type Insides,
  insides,
  LAYERS,
  untilDrawn,
  untilPlaying,
  WatchBrowser,
} from '../../support/watch-browser.ts';

let chromium: WatchBrowser;

t.before(async () => {
  chromium = await WatchBrowser.start();
});

t.teardown(() => chromium?.close());

t.test('HLS plays, and a danmaku is drawn when the picture reaches its moment, not before', async (t) => {
  const { room, open, problems } = await chromium.setUp(t);
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
  const { room, open } = await chromium.setUp(t);
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
  const { room, open } = await chromium.setUp(t);
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

t.test('the page says what the stream is doing', async (t) => {
  const { room, open } = await chromium.setUp(t);
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
  const { room, open } = await chromium.setUp(t);
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
  const { open } = await chromium.setUp(t);
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
  const { room, open } = await chromium.setUp(t);
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
