// Two browsers, one on WebRTC and one on HLS: each sees the other's danmaku, at the picture it belongs to, and
// both see one total of likes.
import t from 'tap';
import { PlayerBrowser } from '../../bench/instruments/browser.ts';
import { formatDistribution, summarize } from '../../bench/instruments/histogram.ts';
import { type DrawnDanmaku, WatchPage } from '../../bench/instruments/watch-page.ts';
import { publish, SMALL_PICTURE, startServer, waitFor } from '../support/e2e-server.ts';

t.setTimeout(170_000);

const MESSAGES = 8;
const SEND_EVERY_MS = 900;
/** An HLS viewer is some seconds behind; three segments, their making and a player's caution. */
const HLS_DEADLINE_MS = 30_000;
/** Far above what is expected (tens of ms), below what a viewer on the wrong picture would show (seconds). */
const SANE_ERROR_MS = 1_000;

const server = await startServer(t);
const room = await server.createRoom('talk');
await publish(t, { server, room }, { ...SMALL_PICTURE, preset: 'obs', hls: true });
const ann = await openPage('webrtc', 'Ann');
const bob = await openPage('hls', 'Bob');
await ann.viewer.page.waitForTimeout(6_000);

t.test('danmaku of the WebRTC viewer are drawn on their picture for the HLS viewer', async (t) => {
  const sent = await sendSeries(ann, 'from Ann');
  const errors: Record<string, number[]> = { Ann: [], Bob: [] };
  const causes: Record<string, string[]> = { Ann: [], Bob: [] };
  for (const { text, sentAtMs } of sent) {
    for (const viewer of [ann, bob]) {
      const drawn = await viewer.waitForDrawn(text, HLS_DEADLINE_MS);
      errors[viewer.name]?.push(await displayError({ sender: ann, viewer, sentAtMs, drawn }));
      causes[viewer.name]?.push(drawn.cause);
    }
  }
  for (const name of ['Ann', 'Bob']) {
    const distribution = summarize(errors[name] ?? []);
    t.comment(
      `${name} drew them after their picture by: ${formatDistribution(distribution)}; ${causes[name]}`,
    );
    t.ok(Math.abs(distribution.p50) < SANE_ERROR_MS, `${name} saw them on the right picture`);
  }
  t.ok(
    causes['Bob']?.every((cause) => cause === 'due'),
    'Bob, who is behind, had them wait for their moment',
  );
});

t.test(
  'danmaku of the HLS viewer reach the WebRTC viewer, whose picture is already further, at once',
  async (t) => {
    const [first] = await sendSeries(bob, 'from Bob', 1);
    const drawn = await ann.waitForDrawn(first?.text ?? '', HLS_DEADLINE_MS);
    t.comment(
      `drawn ${Math.round(drawn.drawnAtMs - (first?.sentAtMs ?? 0))} ms after it was sent, ${drawn.cause}`,
    );
    t.match(await ann.chatText(), /Bob/, 'and is listed with its author');
    t.match(await bob.chatText(), /Ann/);
    await bob.waitForDrawn(first?.text ?? '', HLS_DEADLINE_MS);
  },
);

t.test('nobody was shown a danmaku twice or out of place', async (t) => {
  for (const viewer of [ann, bob]) {
    const texts = (await viewer.drawn()).map(({ text }) => text);
    t.same([...new Set(texts)].length, texts.length, `${viewer.name}: ${texts}`);
  }
});

t.test('likes of both add up to one total on both pages', async (t) => {
  const before = await ann.likes();
  await ann.like(7);
  await bob.like(5);
  for (const viewer of [ann, bob]) {
    const total = await waitFor(() => viewer.likes(), {
      until: (likes) => likes >= before + 12,
      timeoutMs: 15_000,
      what: `the total of likes on ${viewer.name}'s page`,
    });
    t.equal(total, before + 12);
  }
});

async function openPage(transport: 'webrtc' | 'hls', name: string): Promise<WatchPage> {
  const browser = await PlayerBrowser.launch();
  t.teardown(() => browser.close());
  return WatchPage.open(browser, server.watchUrl(room.id), { transport, name });
}

interface Sent {
  readonly text: string;
  readonly sentAtMs: number;
}

async function sendSeries(sender: WatchPage, prefix: string, count = MESSAGES): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (let number = 1; number <= count; number++) {
    const text = `${prefix} ${number}`;
    sent.push({ text, sentAtMs: await sender.send(text) });
    await sender.viewer.page.waitForTimeout(SEND_EVERY_MS);
    for (const page of [ann, bob]) await page.collect();
  }
  return sent;
}

interface Exchange extends Pick<Sent, 'sentAtMs'> {
  readonly sender: WatchPage;
  readonly viewer: WatchPage;
  readonly drawn: DrawnDanmaku;
}

/** The clock on the viewer's screen when it was drawn minus the one on the sender's when it was sent. */
async function displayError({ sender, viewer, sentAtMs, drawn }: Exchange): Promise<number> {
  // A page that was busy at that moment has its next picture read soon; then the gap can be bridged.
  return waitFor(
    async () => {
      for (const page of [sender, viewer]) await page.collect();
      const shown = viewer.timeline.clockAt(drawn.drawnAtMs);
      const seen = sender.timeline.clockAt(sentAtMs);
      return shown === undefined || seen === undefined ? Number.NaN : shown - seen;
    },
    {
      until: (error) => !Number.isNaN(error),
      timeoutMs: 6_000,
      what: `the clock on ${viewer.name}'s screen at ${Math.round(drawn.drawnAtMs)}`,
    },
  );
}
