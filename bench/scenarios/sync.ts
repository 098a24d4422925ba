// How far a danmaku is off its picture: the clock on the sender's screen when it was sent against the clock
// on each viewer's screen when it was drawn, on WebRTC and on HLS.
import { summarize } from '../instruments/histogram.ts';
import { WatchPage } from '../instruments/watch-page.ts';
import { latencyOf, type Measurement } from '../measurement.ts';
import { readCount, readSize } from '../option-values.ts';
import { type OptionValues, pause, type Scenario, type ScenarioContext } from '../scenario.ts';
import { checkTargetOptions, TARGET_HELP, TARGET_OPTIONS, Testbed } from '../testbed.ts';

const TRANSPORTS = ['webrtc', 'hls'] as const;
/** Below the default limit of three a second, and not in step with segments. */
const SEND_EVERY_MS = 730;
const HLS_DELAY_ALLOWANCE_MS = 15_000;
const DEFAULTS = { seconds: 30, settleMs: 8_000 };
const QUICK = { seconds: 6, settleMs: 3_000 };

export const sync: Scenario = {
  name: 'sync',
  summary: 'display error of danmaku against the picture, WebRTC and HLS viewers of one room',
  options: { ...TARGET_OPTIONS, seconds: { type: 'string' }, size: { type: 'string' } },
  help: {
    seconds: 'how long danmaku are sent; default 30',
    size: 'coded size of the publisher, default 640x360: two players share the machine with it',
    ...TARGET_HELP,
  },
  figures: ['danmaku/webrtc', 'danmaku/hls'],
  rivals: [],
  checkOptions: (options) => {
    checkTargetOptions(options);
    readOptions(options);
  },
  run,
};

function readOptions(options: OptionValues, quick = false) {
  const { seconds, settleMs } = quick ? QUICK : DEFAULTS;
  return {
    settleMs,
    seconds: readCount(options['seconds'], 'seconds', { fallback: seconds }),
    size: readSize(options['size'], '640x360'),
  };
}

interface Sent {
  readonly text: string;
  readonly sentAtMs: number;
}

async function run(context: ScenarioContext): Promise<void> {
  const { seconds, size, settleMs } = readOptions(context.options, context.quick);
  await using testbed = await Testbed.open(context);
  await testbed.publish(context, { preset: 'obs', ...size });
  const pages: Record<(typeof TRANSPORTS)[number], WatchPage> = {
    webrtc: await openPage(context, testbed, 'webrtc'),
    hls: await openPage(context, testbed, 'hls'),
  };
  context.progress('letting players settle');
  await pause(settleMs, context.signal);
  for (const page of Object.values(pages)) await page.collect();
  const sent = await sendFor(context, pages.webrtc, Object.values(pages), seconds);
  await waitForLast(context, sent, Object.values(pages));
  const measurements: Measurement[] = [];
  const notes: string[] = [];
  for (const transport of TRANSPORTS) {
    const result = await displayErrors(sent, pages.webrtc, pages[transport]);
    measurements.push(
      latencyOf(transport, `danmaku on ${transport}: drawn after its picture`, result.errors),
    );
    if (transport === 'hls') {
      measurements.push(latencyOf('stamp', "its author's stamp off the picture", result.stamps));
    }
    notes.push(
      `${transport}: ${sent.length} sent, ${result.due} drawn when due, ${result.late} drawn late, ${result.missing} not drawn; ${sent.length - result.errors.length} without a picture read near enough.`,
    );
  }
  context.report({ key: 'danmaku', title: 'Danmaku sent by a WebRTC viewer', measurements, notes });
}

function openPage(
  context: ScenarioContext,
  testbed: Testbed,
  transport: 'webrtc' | 'hls',
): Promise<WatchPage> {
  context.progress(`opening the watch page on ${transport}`);
  return WatchPage.open(testbed.browser, testbed.urls.watch, { transport, name: `bench-${transport}` });
}

async function sendFor(
  context: ScenarioContext,
  sender: WatchPage,
  pages: readonly WatchPage[],
  seconds: number,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline && !context.signal.aborted) {
    context.progress(`sending, ${sent.length} sent`);
    const text = `sync ${sent.length}`;
    sent.push({ text, sentAtMs: await sender.send(text) });
    await pause(SEND_EVERY_MS, context.signal);
    for (const page of pages) await page.collect();
  }
  return sent;
}

/** HLS viewers reach the last one's picture some seconds later. */
async function waitForLast(
  context: ScenarioContext,
  sent: readonly Sent[],
  pages: readonly WatchPage[],
): Promise<void> {
  const last = sent.at(-1);
  if (!last || context.signal.aborted) return;
  context.progress('waiting for the last to be drawn');
  await Promise.allSettled(pages.map((page) => page.waitForDrawn(last.text, HLS_DELAY_ALLOWANCE_MS)));
  await pause(500, context.signal);
  for (const page of pages) await page.collect();
}

/** Signed: positive when drawn after the picture it belongs to. */
async function displayErrors(sent: readonly Sent[], sender: WatchPage, viewer: WatchPage) {
  const drawn = new Map((await viewer.drawn()).map((one) => [one.text, one]));
  const clocks = sent.flatMap(({ text, sentAtMs }) => {
    const sentMs = sender.timeline.clockAt(sentAtMs);
    const drawnMs = viewer.timeline.clockAt(drawn.get(text)?.drawnAtMs ?? Number.NaN);
    const stampMs = drawn.get(text)?.mediaTimeMs;
    return sentMs === undefined || drawnMs === undefined || stampMs === undefined
      ? []
      : [{ sentMs, drawnMs, stampMs }];
  });
  const causes = sent.map(({ text }) => drawn.get(text)?.cause);
  return {
    errors: clocks.map(({ sentMs, drawnMs }) => drawnMs - sentMs),
    stamps: aroundMedian(clocks.map(({ sentMs, stampMs }) => stampMs - sentMs)),
    due: causes.filter((cause) => cause === 'due').length,
    late: causes.filter((cause) => cause === 'late').length,
    missing: causes.filter((cause) => cause === undefined).length,
  };
}

/** The media clock and the one in the picture differ by the publisher's delay: what varies is error. */
function aroundMedian(differences: readonly number[]): number[] {
  const { p50 } = summarize(differences);
  return differences.map((difference) => difference - p50);
}
