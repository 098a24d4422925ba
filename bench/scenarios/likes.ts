// Tappers against exact totals: many viewers of one room tap at once, and every number the server gives out (the
// answers, the `likes` events, a late joiner's snapshot) must be the sum of the taps it accepted. Three stretches:
// within the rate a user may tap, beyond it (what is refused must not count), and with viewers going and coming
// back meanwhile, half of them cut off in the middle of a send (such taps count once or not at all).
import { CpuAccount } from '../instruments/cpu-account.ts';
import { totalErrorOf } from '../instruments/fanout/tap-book.ts';
import { type TapOutcome, toMeasurements } from '../instruments/fanout/tap-outcome.ts';
import { askLateJoiner, type Tapping } from '../instruments/fanout/tapper-crowd.ts';
import { TapperHall } from '../instruments/fanout/tapper-hall.ts';
import { ServerUnderTest } from '../instruments/server-under-test.ts';
import type { MeasurementGroup } from '../measurement.ts';
import { readCount, readNumber } from '../option-values.ts';
import { type OptionValues, pause, type Scenario, type ScenarioContext } from '../scenario.ts';
import { readTarget } from '../target.ts';

const DEFAULTS = { tappers: 10_000, seconds: 12, warmUpS: 3 };
const QUICK = { tappers: 300, seconds: 4, warmUpS: 1 };
/** As fast as people tap. */
const TAPS_PER_SECOND = 5;
/** The SDK sends after 250 ms; a crowd of 10,000 then asks more than a core answers, and sums up its taps. */
const INTERVAL_MS = 1000;
const RECONNECTING_SHARE = 0.1;
const SHOWN_TIMEOUT_MS = 20_000;
const PROGRESS_EVERY_MS = 1000;
/** A tapper beyond the bound taps this many times the rate that the server allows. */
const BEYOND = 4;
/** Bounds of the server started here: its default burst of 1000 would let a short run through unrefused. */
const SERVER_SETTINGS = {
  BARRAGE_INTERACTION__LIKES__BURST: '250',
  BARRAGE_WS__MAXCONNECTIONS: '50000',
  BARRAGE_WS__MAXCONNECTIONSPERADDRESS: '50000',
  BARRAGE_HTTP__MAXCONNECTIONS: '50000',
} as const;

export const likes: Scenario = {
  name: 'likes',
  summary: 'tappers on the like button against exact totals, within and beyond the rate a user may tap',
  options: {
    tappers: { type: 'string' },
    seconds: { type: 'string' },
    taps: { type: 'string' },
    interval: { type: 'string' },
    target: { type: 'string' },
    room: { type: 'string' },
  },
  help: {
    tappers: `viewers tapping at once in one room; default ${DEFAULTS.tappers}`,
    seconds: `how long each stretch lasts; default ${DEFAULTS.seconds}`,
    taps: `taps a second of each tapper within the bound; default ${TAPS_PER_SECOND}`,
    interval: `ms between two sends of a tapper, which sums its taps meanwhile; default ${INTERVAL_MS}`,
    target:
      'base URL of a running server; its limits of connections must allow the tappers; default: one is started',
    room: 'room to tap in (with --target); nobody else may tap there; default demo',
  },
  figures: ['within/tapsPerCore', 'within/tappers', '*/totalError', '*/reply:p99'],
  rivals: [],
  checkOptions: readOptions,
  run,
};

function readOptions(options: OptionValues, quick = false) {
  const defaults = quick ? QUICK : DEFAULTS;
  return {
    tappers: readCount(options['tappers'], 'tappers', { fallback: defaults.tappers, max: 28_000 }),
    seconds: readCount(options['seconds'], 'seconds', { fallback: defaults.seconds, max: 3600 }),
    tapsPerSecond: readNumber(options['taps'], 'taps', TAPS_PER_SECOND),
    intervalMs: readCount(options['interval'], 'interval', { fallback: INTERVAL_MS, max: 60_000 }),
    warmUpS: defaults.warmUpS,
  };
}

type Settings = ReturnType<typeof readOptions>;

/** What the stretches share. */
interface Stage {
  readonly context: ScenarioContext;
  readonly settings: Settings;
  readonly hall: TapperHall;
  readonly url: string;
  readonly server: ServerUnderTest | undefined;
  readonly allowedPerSecond: number;
}

async function run(context: ScenarioContext): Promise<void> {
  const settings = readOptions(context.options, context.quick);
  await using stack = new AsyncDisposableStack();
  const { url, server } = await openServer(context, stack);
  const hall = stack.use(await TapperHall.open(settings.tappers));
  await joinAll({ context, hall, url, tappers: settings.tappers });
  if (context.signal.aborted) return;
  const { likesPerSecond } = (await askLateJoiner(url)).limits;
  const stage: Stage = { context, settings, hall, url, server, allowedPerSecond: likesPerSecond };
  const { tapsPerSecond, intervalMs } = settings;
  const polite = { tapsPerSecond, intervalMs, maxPerSend: Math.max(10, likesPerSecond), isPolite: true };
  context.progress('warming up');
  await hall.begin(polite);
  await pause(settings.warmUpS * 1000, context.signal);
  await hall.finish();
  if (context.signal.aborted) return;
  context.report(
    await measure(stage, { key: 'within', title: 'within the rate a user may tap', tapping: polite }),
  );
  if (context.signal.aborted) return;
  const beyond = {
    ...polite,
    tapsPerSecond: likesPerSecond * BEYOND,
    maxPerSend: likesPerSecond * BEYOND,
    isPolite: false,
  };
  context.report(await measure(stage, { key: 'beyond', title: 'beyond it', tapping: beyond }));
  if (context.signal.aborted) return;
  const title = `within it, ${RECONNECTING_SHARE * 100}% of the tappers reconnecting`;
  context.report(await measure(stage, { key: 'reconnecting', title, tapping: polite }));
}

async function openServer(context: ScenarioContext, stack: AsyncDisposableStack) {
  const target = readTarget(context.options);
  const urlOf = (origin: string, room: string) => `${origin.replace(/^http/, 'ws')}/live/${room}/ws`;
  if (target !== undefined) {
    return { server: undefined, url: urlOf(target, String(context.options['room'] ?? 'demo')) };
  }
  context.progress('starting the server');
  const server = stack.use(await ServerUnderTest.start({ env: SERVER_SETTINGS }));
  await server.createRoom('likes');
  return { server, url: urlOf(server.origin, 'likes') };
}

async function joinAll(joining: {
  readonly context: ScenarioContext;
  readonly hall: TapperHall;
  readonly url: string;
  readonly tappers: number;
}): Promise<void> {
  const { context, hall, url, tappers } = joining;
  let done = false;
  const joined = hall.join(url, tappers).finally(() => {
    done = true;
  });
  const abort = new Promise<void>((resolve) => context.signal.addEventListener('abort', () => resolve()));
  while (!done && !context.signal.aborted) {
    context.progress(`${await hall.size()} of ${tappers} tappers joined`);
    await Promise.race([joined, abort, pause(PROGRESS_EVERY_MS, context.signal)]);
  }
  if (!context.signal.aborted) await joined;
}

interface Stretch {
  readonly key: 'within' | 'beyond' | 'reconnecting';
  readonly title: string;
  readonly tapping: Omit<Tapping, 'share'>;
}

async function measure(stage: Stage, stretch: Stretch): Promise<MeasurementGroup> {
  const { hall, server, settings } = stage;
  const base = (await askLateJoiner(stage.url)).snapshot.likes;
  const cpu = new CpuAccount({
    ...(server ? { server: () => server.pid } : {}),
    ...Object.fromEntries(hall.pids.map((pid, index) => [`generator${index || ''}`, () => pid])),
    bench: () => process.pid,
  });
  await hall.begin(stretch.tapping);
  const reconnecting =
    stretch.key === 'reconnecting' ? hall.reconnect(RECONNECTING_SHARE, settings.seconds * 700) : undefined;
  await hold(stage, stretch);
  await reconnecting;
  const counts = await hall.finish();
  const use = cpu.read();
  const generator = await hall.takeLoad();
  const total = (await askLateJoiner(stage.url)).snapshot.likes;
  const shown = await hall.waitForTotal(total, SHOWN_TIMEOUT_MS);
  const outcome: TapOutcome = {
    ...{ counts, use, tappers: settings.tappers, others: shown.others },
    settleMs: Math.max(0, shown.lastShownMs - shown.lastReplyMs),
    totalError: Math.max(totalErrorOf(total, base, counts), total - shown.lowest, shown.highest - total),
  };
  return {
    ...{ key: stretch.key, title: `${settings.tappers} tappers, ${stretch.title}`, cpu: use, generator },
    measurements: toMeasurements(outcome),
    notes: toNotes(stage, stretch, { base, total, outcome }),
  };
}

async function hold({ context, hall, settings }: Stage, { title }: Stretch): Promise<void> {
  const deadline = performance.now() + settings.seconds * 1000;
  while (performance.now() < deadline && !context.signal.aborted) {
    await pause(Math.min(PROGRESS_EVERY_MS, Math.max(1, deadline - performance.now())), context.signal);
    const { acceptedTaps, refusedTaps } = await hall.counts();
    context.progress(`${title}: ${acceptedTaps} taps accepted, ${refusedTaps} refused`);
  }
}

function toNotes(
  { allowedPerSecond, server }: Stage,
  { tapping }: Stretch,
  { base, total, outcome }: { readonly base: number; readonly total: number; readonly outcome: TapOutcome },
): string[] {
  const { counts } = outcome;
  const notes = [
    `Each tapper taps ${tapping.tapsPerSecond} times a second and sends every ${tapping.intervalMs} ms, one send under way at a time, ${allowedPerSecond} taps a second being allowed${server ? ' and 250 at once' : ''}; latency counts from when a send was due.`,
    `Total ${base} before, ${total} after; accepted ${counts.acceptedTaps}, refused ${counts.refusedTaps}, of unknown outcome (cut off with a send under way) ${counts.unknownTaps}.`,
  ];
  if (counts.reconnects > 0) notes.push(`${counts.reconnects} tappers reconnected, half of them cut off.`);
  if (counts.lost + counts.failedCommands > 0)
    notes.push(`${counts.lost} connections were lost, ${counts.failedCommands} commands failed otherwise.`);
  return notes;
}
