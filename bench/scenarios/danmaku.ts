// Danmaku to many viewers: how much a server delivers and accepts per busy core, how late, and what it does when it
// is asked for twice as much. Each danmaku carries the moment it was due to be sent; every viewer checks every
// frame's offsets for holes, and every twentieth measures latency. The load is open: nothing a server does slows
// the senders down.

import { targetBarrage } from '../instruments/fanout/barrage-server.ts';
import { measureCommands } from '../instruments/fanout/command-stage.ts';
import type { Transport } from '../instruments/fanout/crowd-methods.ts';
import { TRANSPORTS } from '../instruments/fanout/crowd-methods.ts';
import { loadGroup } from '../instruments/fanout/fanout-figures.ts';
import { FanoutLoad } from '../instruments/fanout/fanout-load.ts';
import type { FanoutNeeds, FanoutServer } from '../instruments/fanout/fanout-server.ts';
import { measureGeneratorCeiling } from '../instruments/fanout/generator-ceiling.ts';
import { measureIdleMemory } from '../instruments/fanout/idle-memory.ts';
import { measureKnee } from '../instruments/fanout/knee-stage.ts';
import { OptionError, readChoices, readCount } from '../option-values.ts';
import { FANOUT_RIVALS, starterOf } from '../rivals/fanout/start-subject.ts';
import { BARRAGE, type OptionValues, type Scenario, type ScenarioContext } from '../scenario.ts';
import { readTarget } from '../target.ts';

const DEFAULTS = {
  ...{ viewers: 1000, channels: 200, seconds: 4 },
  ...{ idle: 4000, settleMs: 15_000 },
  ...{ factor: 2, refinements: 2, attempts: 2 },
};
const QUICK = {
  ...{ viewers: 400, channels: 40, seconds: 1 },
  ...{ idle: 1000, settleMs: 2_000 },
  ...{ factor: 4, refinements: 1, attempts: 1 },
};
const SENDERS = 100;
const TEXT_CHARS = 40;
const MIN_TEXT_CHARS = 20;
/** Above what any ramp here offers: thinning at the default setting is a stage of its own. */
const UNTHINNED_PER_TICK = 10_000;
/** Twice what the default setting lets through, to few viewers: it is not about capacity. */
const THINNED = { perSecond: 4000, viewers: 50 };

export const danmaku: Scenario = {
  name: 'danmaku',
  summary: 'danmaku to many viewers: delivered and accepted per core, latency, loss, memory, overload',
  options: {
    viewers: { type: 'string' },
    'channel-viewers': { type: 'string' },
    transport: { type: 'string' },
    seconds: { type: 'string' },
    idle: { type: 'string' },
    senders: { type: 'string' },
    chars: { type: 'string' },
    target: { type: 'string' },
    room: { type: 'string' },
  },
  help: {
    viewers: `WebSocket viewers; default ${DEFAULTS.viewers}`,
    'channel-viewers': `data-channel viewers; default ${DEFAULTS.channels}`,
    transport: 'websocket,datachannel or one of them; default both; rivals have only websocket',
    seconds: `how long each load lasts; default ${DEFAULTS.seconds}`,
    idle: `idle viewers whose memory is measured, after as many others have come; default ${DEFAULTS.idle}`,
    senders: `connections that send; default ${SENDERS}`,
    chars: `characters of a danmaku; default ${TEXT_CHARS}`,
    target: 'base URL of a running server; its limits hold, its CPU is not seen; default: one is started',
    room: 'room to fill (with --target); default demo',
  },
  figures: [
    'websocket/events-per-core',
    'websocket/frames-per-core',
    'websocket/chat:p99',
    'commands/accepted-per-core',
    'idle/memory-per-viewer',
    'datachannel/events-per-core',
    'datachannel/frames-per-core',
    'datachannel/arrived',
    'websocket/arrived',
    'websocket/lost',
    'commands-half/dispatch-p50',
    '*/lost',
  ],
  rivals: FANOUT_RIVALS,
  checkOptions: (options) => void readOptions(options, false),
  run,
};

function readOptions(options: OptionValues, quick: boolean) {
  const defaults = quick ? QUICK : DEFAULTS;
  const count = (name: string, fallback: number, max: number) =>
    readCount(options[name], name, { fallback, max });
  const load = {
    seconds: count('seconds', defaults.seconds, 600),
    textChars: atLeast(MIN_TEXT_CHARS, 'chars', count('chars', TEXT_CHARS, 100)),
    senders: count('senders', SENDERS, 10_000),
  };
  return {
    ...load,
    viewers: {
      websocket: count('viewers', defaults.viewers, 25_000),
      datachannel: count('channel-viewers', defaults.channels, 2000),
    },
    transports: readChoices(options['transport'], 'transport', TRANSPORTS),
    idle: count('idle', defaults.idle, 20_000),
    settleMs: defaults.settleMs,
    ...{ factor: defaults.factor, refinements: defaults.refinements, attempts: defaults.attempts },
  };
}

/** A danmaku carries the moment it was due in its text. */
function atLeast(min: number, name: string, value: number): number {
  if (value >= min) return value;
  throw new OptionError(`--${name} takes a whole number from ${min} on, not "${value}"`);
}

type Settings = ReturnType<typeof readOptions>;

async function run(context: ScenarioContext): Promise<void> {
  const settings = readOptions(context.options, context.quick);
  const isOurs = context.subject === BARRAGE;
  const isWebSocketWanted = settings.transports.includes('websocket');
  for (const transport of settings.transports) {
    // Only ours has data channels.
    if (transport === 'websocket' || isOurs) await fanOut(context, settings, transport);
  }
  if (!isWebSocketWanted) return;
  const isElsewhere = isOurs && readTarget(context.options) !== undefined;
  if (!isElsewhere) await weighIdle(context, settings);
  if (isOurs && !isElsewhere) await sendOnly(context, settings);
  if (isOurs && !context.signal.aborted) {
    context.progress('the generators against a stub');
    const viewers = settings.viewers.websocket;
    context.report(await measureGeneratorCeiling({ viewers, seconds: Math.min(2, settings.seconds) }));
  }
}

async function fanOut(context: ScenarioContext, settings: Settings, transport: Transport): Promise<void> {
  if (context.signal.aborted) return;
  await using server = await startServer(context, { maxChatPerTick: UNTHINNED_PER_TICK });
  await using load = await startLoad(context, server, transport);
  const viewers = settings.viewers[transport];
  context.progress(`${viewers} viewers join on ${transport}`);
  await load.joinViewers(viewers);
  await load.joinSenders(settings.senders);
  await measureKnee({ context, server, load, options: { ...settings, transport, viewers } });
}

async function weighIdle(context: ScenarioContext, settings: Settings): Promise<void> {
  if (context.signal.aborted) return;
  await using server = await startServer(context, {});
  await using load = await startLoad(context, server, 'websocket');
  const { idle: viewers, settleMs } = settings;
  context.progress(`${viewers} idle viewers join`);
  const idle = await measureIdleMemory(server, load, { viewers, settleMs });
  if (idle) context.report(idle);
}

/** Rivals thin nothing, and their senders get every danmaku: what they accept cannot be told from what they deliver. */
async function sendOnly(context: ScenarioContext, settings: Settings): Promise<void> {
  if (context.signal.aborted) return;
  await using server = await startServer(context, {});
  await using load = await startLoad(context, server, 'websocket');
  context.progress('senders as fast as they are answered');
  for (const group of await measureCommands(server, load, settings)) context.report(group);
  if (!context.signal.aborted) await measureThinning(context, load, settings);
}

async function measureThinning(
  context: ScenarioContext,
  load: FanoutLoad,
  settings: Settings,
): Promise<void> {
  context.progress('more than a room lets through');
  const { perSecond, viewers } = THINNED;
  await load.joinViewers(viewers);
  const outcome = await load.pace({ ...settings, perSecond });
  context.report(
    loadGroup(outcome, {
      key: 'thinning',
      title: `${perSecond} danmaku a second to ${viewers} viewers at the default interaction.maxChatPerTick`,
      notes: [
        'The default lets 2000 a second through; gap events stand for the rest, and nothing else is missing.',
      ],
    }),
  );
}

async function startServer(context: ScenarioContext, needs: FanoutNeeds): Promise<FanoutServer> {
  const target = context.subject === BARRAGE ? readTarget(context.options) : undefined;
  if (target !== undefined) return targetBarrage(target, String(context.options['room'] ?? 'demo'));
  context.progress('starting the server');
  const server = await starterOf(context.subject)(needs);
  if (server.version) context.noteVersion(server.version.program, server.version.version);
  return server;
}

/** An interrupted run ends the stretch under way; what it came to is still reported. */
async function startLoad(
  context: ScenarioContext,
  server: FanoutServer,
  transport: Transport,
): Promise<FanoutLoad> {
  const load = await FanoutLoad.start(server, transport);
  context.signal.addEventListener('abort', () => void load.stop(), { once: true });
  return load;
}
