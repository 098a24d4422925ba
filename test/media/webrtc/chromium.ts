// A room seen by Chromium through a plain page: RTCPeerConnection, one offer, one answer, nothing of ours.
import { type Browser, chromium, type Page } from 'playwright-core';
import t, { type Test } from 'tap';
import { silentLogger } from '../../../core/logger.ts';
import { NTP_UNIX_OFFSET_S } from '../../../media/rtp/sender-report.ts';
import { createWebRtcPlane } from '../../../media/webrtc/webrtc-plane.ts';
import type { WebRtcRoom } from '../../../media/webrtc/webrtc-room.ts';
import { encodeUnits } from '../../support/lavfi-units.ts';
import { LoopedRendition } from '../../support/looped-rendition.ts';

const FRAME_US = 1_000_000 / 30;
const LOOP_US = 4_000_000;
const SIZES = [
  { id: '360p', width: 640, height: 360, kbps: 400 },
  { id: '720p', width: 1280, height: 720, kbps: 1200 },
] as const;

/** What the page knows of one of its tracks; undefined where Chromium has no such figure. */
interface Inbound {
  readonly packetsReceived: number;
  readonly framesDecoded?: number;
  readonly frameWidth?: number;
  readonly totalAudioEnergy?: number;
  readonly jitterBufferMs: number;
}

const media = Promise.all([
  ...SIZES.map(({ width, height, kbps }) =>
    encodeUnits({
      source: `testsrc2=size=${width}x${height}:rate=30`,
      seconds: LOOP_US / 1e6,
      encoder: [
        ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'main'],
        ...['-g', '30', '-keyint_min', '30', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'],
        ...['-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`],
      ],
    }),
  ),
  encodeUnits({
    source: 'sine=frequency=440:sample_rate=48000',
    seconds: LOOP_US / 1e6 + 0.2,
    encoder: ['-c:a', 'libopus', '-b:a', '96k', '-ac', '2'],
  }),
]);

/** Renditions as a transcoder gives them: sound early, large pictures late. */
async function publish(room: WebRtcRoom): Promise<{ startUs: number; stop: () => void }> {
  const startUs = Date.now() * 1000;
  const lateness = [100_000, 130_000, 20_000];
  const renditions = (await media).map(
    (each, index) =>
      new LoopedRendition({
        id: `r${index}`,
        media: each,
        startUs,
        loopUs: LOOP_US,
        latenessUs: lateness[index]!,
      }),
  );
  for (const rendition of renditions) room.attachRendition(rendition);
  const stop = (): void => {
    for (const rendition of renditions) rendition.close('stopped');
  };
  return { startUs, stop };
}

let browser: Browser;
t.before(async () => {
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      '--disable-features=WebRtcHideLocalIpsWithMdns',
    ],
  });
});
t.teardown(() => browser.close());

async function openRoom(t: Test): Promise<WebRtcRoom> {
  const options = { host: '127.0.0.1', port: 0, workers: 1, logger: silentLogger };
  const plane = await createWebRtcPlane(options);
  t.teardown(() => plane.close('test over'));
  return plane.openRoom('demo');
}

/** Joins with the given sections, in this order. */
async function join(
  t: Test,
  room: WebRtcRoom,
  kinds: readonly string[],
  how: { bundlePolicy?: RTCBundlePolicy; anyPlayer?: boolean } = {},
) {
  const { bundlePolicy = 'balanced', anyPlayer = false } = how;
  const page = await browser.newPage();
  t.teardown(() => page.close());
  const open = async ({
    kinds,
    bundlePolicy,
  }: {
    kinds: readonly string[];
    bundlePolicy: RTCBundlePolicy;
  }) => {
    const connection = new RTCPeerConnection({ bundlePolicy });
    const video = document.createElement('video');
    const stream = new MediaStream();
    const state = { connection, rtpTimestamp: 0, opened: 0, echo: '' };
    Object.assign(window, { state });
    video.autoplay = true;
    video.srcObject = stream;
    document.body.append(video);
    connection.ontrack = (event) => stream.addTrack(event.track);
    const watch = (_: number, frame: VideoFrameCallbackMetadata): void => {
      state.rtpTimestamp = frame.rtpTimestamp ?? 0;
      video.requestVideoFrameCallback(watch);
    };
    video.requestVideoFrameCallback(watch);
    for (const kind of kinds) {
      if (kind !== 'data') connection.addTransceiver(kind, { direction: 'recvonly' });
      else {
        const channel = connection.createDataChannel('value', { negotiated: true, id: 0 });
        channel.onopen = () => channel.send('hello from the page');
        channel.onmessage = (event) => {
          state.echo = event.data;
        };
      }
    }
    await connection.setLocalDescription(await connection.createOffer());
    return connection.localDescription!.sdp;
  };
  const offer = await page.evaluate(open, { kinds, bundlePolicy });
  const session = await room.answer({ offer, anyPlayer });
  session.on('message', (frame) => session.send(`${frame} and back`));
  await page.evaluate(
    (sdp) => state.connection.setRemoteDescription({ type: 'answer', sdp }),
    session.answer,
  );
  return { page, session };
}

declare const state: { connection: RTCPeerConnection; rtpTimestamp: number; echo: string };

function readInbound(page: Page): Promise<{ audio?: Inbound; video?: Inbound }> {
  return page.evaluate(async () => {
    const found: Record<string, unknown> = {};
    for (const each of (await state.connection.getStats()).values()) {
      if (each.type !== 'inbound-rtp') continue;
      const emitted = each.jitterBufferEmittedCount || 1;
      found[each.kind] = { ...each, jitterBufferMs: (1000 * each.jitterBufferDelay) / emitted };
    }
    return found as never;
  });
}

/** Polls the page's statistics until they satisfy; the deadline is tap's. */
async function until(page: Page, satisfied: (inbound: { audio?: Inbound; video?: Inbound }) => boolean) {
  for (;;) {
    const inbound = await readInbound(page);
    if (satisfied(inbound)) return inbound;
    await page.waitForTimeout(100);
  }
}

const isPlaying = ({ audio, video }: { audio?: Inbound; video?: Inbound }): boolean =>
  (video?.framesDecoded ?? 0) > 45 && (audio?.totalAudioEnergy ?? 0) > 0.001;

t.test('picture moves and sound has level, whichever section comes first', { timeout: 60_000 }, async (t) => {
  const room = await openRoom(t);
  const { stop } = await publish(room);
  t.teardown(stop);
  for (const kinds of [
    ['audio', 'video'],
    ['video', 'audio', 'data'],
  ]) {
    const { page, session } = await join(t, room, kinds);
    const inbound = await until(page, isPlaying);
    t.comment(
      `jitter buffer: video ${inbound.video?.jitterBufferMs.toFixed(1)} ms, audio ${inbound.audio?.jitterBufferMs.toFixed(1)} ms`,
    );
    // Only with transport-wide feedback does mediasoup have an estimate other than the one it starts with.
    let estimates = new Set<number>();
    while (estimates.size < 2) {
      await session.refreshStats();
      estimates = estimates.add(session.describe().availableBitrateBps);
      await page.waitForTimeout(200);
    }
    if (kinds.includes('data')) {
      await page.waitForFunction(() => state.echo === 'hello from the page and back');
    }
    t.equal(session.describe().protocol, 'udp');
  }
});

t.test('one kind alone plays too', { timeout: 60_000 }, async (t) => {
  const room = await openRoom(t);
  const { stop } = await publish(room);
  t.teardown(stop);
  const silent = await join(t, room, ['video']);
  await until(silent.page, ({ video }) => (video?.framesDecoded ?? 0) > 30);
  const blind = await join(t, room, ['audio']);
  const { video } = await until(blind.page, ({ audio }) => (audio?.totalAudioEnergy ?? 0) > 0.001);
  t.equal(video, undefined);
});

t.test('the viewer is sent the layer it asks for', { timeout: 60_000 }, async (t) => {
  const room = await openRoom(t);
  const { stop } = await publish(room);
  t.teardown(stop);
  const { page, session } = await join(t, room, ['audio', 'video']);
  const [low, high] = room.layers.map((layer) => layer.index);
  for (const [layer, width] of [
    [null, 1280],
    [low!, 640],
    [high!, 1280],
  ] as const) {
    await session.setPreferredLayer(layer);
    await until(page, ({ video }) => video?.frameWidth === width);
    t.equal(session.layer, width === 640 ? low : high);
  }
});

t.test(
  'any player is served: bundling at once, whichever section it names first',
  { timeout: 60_000 },
  async (t) => {
    const room = await openRoom(t);
    const { stop } = await publish(room);
    t.teardown(stop);
    for (const bundlePolicy of ['balanced', 'max-bundle'] as const) {
      for (const first of ['audio', 'video']) {
        const kinds = [first, first === 'audio' ? 'video' : 'audio'];
        const { page } = await join(t, room, kinds, { bundlePolicy, anyPlayer: true });
        await until(page, isPlaying);
        t.pass(`${bundlePolicy}, ${first} first: plays`);
      }
    }
  },
);

t.test('the answer tells which media time a frame on the screen is of', { timeout: 60_000 }, async (t) => {
  const room = await openRoom(t);
  const { startUs, stop } = await publish(room);
  t.teardown(stop);
  const { page, session } = await join(t, room, ['audio', 'video']);
  await session.setPreferredLayer(0);
  await until(page, isPlaying);
  const shown = await page.evaluate(() => ({ rtp: state.rtpTimestamp, nowMs: Date.now() }));
  const video = session.answer.slice(session.answer.indexOf('m=video'));
  const offset = Number(/a=mediaclk:direct=(\d+)/.exec(video)![1]);
  // RFC 7273: ticks since the NTP epoch, modulo 2^32; the right wrap is the one nearest to now.
  const nowTicks = (shown.nowMs / 1000 + NTP_UNIX_OFFSET_S) * 90_000;
  const phase = (shown.rtp - offset + 2 ** 32) % 2 ** 32;
  const ticks = phase + Math.round((nowTicks - phase) / 2 ** 32) * 2 ** 32;
  const mediaUs = (ticks / 90_000 - NTP_UNIX_OFFSET_S) * 1e6;
  const frames = (mediaUs - startUs) / FRAME_US;
  t.ok(Math.abs(frames - Math.round(frames)) < 0.02, `${frames} frames after the start is a whole number`);
  t.ok(frames > 0 && mediaUs < shown.nowMs * 1000, 'and it lies between the start and now');
  t.comment(`frame on screen ${(shown.nowMs - mediaUs / 1000).toFixed(0)} ms after its media time`);
});

t.test('the page plays on when the publisher leaves and comes back', { timeout: 60_000 }, async (t) => {
  const room = await openRoom(t);
  const first = await publish(room);
  const { page, session } = await join(t, room, ['audio', 'video']);
  await until(page, isPlaying);
  first.stop();
  await until(page, () => session.layer === null);
  const before = await readInbound(page);
  const second = await publish(room);
  t.teardown(second.stop);
  await until(
    page,
    ({ audio, video }) =>
      video!.framesDecoded! > before.video!.framesDecoded! + 45 &&
      audio!.totalAudioEnergy! > before.audio!.totalAudioEnergy! + 0.001,
  );
  t.equal(session.state.name, 'connected');
});
