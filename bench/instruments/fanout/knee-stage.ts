// Fan-out to the viewers of one transport: the ramp to the knee, then twice as much, then whether all is well again.
import type { ScenarioContext } from '../../scenario.ts';
import { type RampResult, ramp } from '../load/load-ramp.ts';
import type { Transport } from './crowd-methods.ts';
import { loadGroup, rampNote, rampSeries } from './fanout-figures.ts';
import type { FanoutLoad, LoadOutcome } from './fanout-load.ts';
import type { FanoutServer } from './fanout-server.ts';
import { CHAT_P99_LIMIT_MS, describeBroken } from './load-limits.ts';
import { PulseProbe } from './pulse-probe.ts';

/** Danmaku a second of the ramp's first step, for servers that gather events and those that do not. */
const START = { gathered: 100, oneByOne: 5 };
const MAX_PER_SECOND = 100_000;
/** Code is compiled and buffers have grown by then; a quick run warms up for a step. */
const WARM_UP_S = 4;
/** Until what had piled up is gone. */
const CLEAR_UP_S = 1;
const OVERLOAD = 2;
const RECOVERY_SHARE = 0.5;

export interface KneeStageOptions {
  readonly transport: Transport;
  readonly viewers: number;
  readonly seconds: number;
  readonly textChars: number;
  readonly factor: number;
  readonly refinements: number;
  /** How often a load is tried before it counts as too much. */
  readonly attempts: number;
}

/** The parts of a stage. */
export interface KneeStage {
  readonly context: ScenarioContext;
  readonly server: FanoutServer;
  readonly load: FanoutLoad;
  readonly options: KneeStageOptions;
}

/** Ramps, overloads and reports under `TRANSPORT` and `TRANSPORT-overload`. Viewers and senders have joined. */
export async function measureKnee(stage: KneeStage): Promise<void> {
  const { context, load, server, options } = stage;
  const { seconds, textChars } = options;
  const start = Math.max(1, server.batches ? START.gathered : START.oneByOne);
  context.progress(`${options.transport}: warming up`);
  await load.pace({ perSecond: start, seconds: Math.min(WARM_UP_S, seconds), textChars });
  const result = await ramp<LoadOutcome>({
    ...{ start, factor: options.factor, max: MAX_PER_SECOND },
    ...{ refinements: options.refinements, attempts: options.attempts },
    step: (offered, attempt) => {
      const again = attempt > 1 ? ', once more' : '';
      context.progress(
        `${options.transport}: ${offered} danmaku a second to ${options.viewers} viewers${again}`,
      );
      return load.pace({ perSecond: offered, seconds, textChars });
    },
    broken: describeBroken,
    signal: context.signal,
  });
  const shown = result.knee ?? result.steps[0];
  if (!shown) return;
  await reportKnee(stage, result, shown.offered, shown.outcome);
  if (!context.signal.aborted) await overload(stage, shown.offered);
}

async function reportKnee(
  { context, server, load, options }: KneeStage,
  result: RampResult<LoadOutcome>,
  offered: number,
  outcome: LoadOutcome,
): Promise<void> {
  const { transport, viewers } = options;
  const pulse = await measurePulse({ context, server, load, options }, offered);
  const group = loadGroup(outcome, {
    key: transport,
    title: `${viewers} viewers on ${transport}, ${offered} danmaku a second: the knee`,
    more: [
      {
        kind: 'figure',
        key: 'knee',
        title: 'danmaku a second at the knee',
        unit: '1/s',
        better: 'higher',
        value: result.knee?.offered ?? 0,
      },
    ],
    notes: [
      `A load holds when nothing is lost, thinned or refused and the p99 of danmaku is at most ${CHAT_P99_LIMIT_MS} ms, from when each was due to be sent.${options.attempts > 1 ? ' One that does not is tried once more.' : ''}`,
      rampNote(result),
      server.batches
        ? 'Events are gathered: a frame holds those of a tick.'
        : 'Every event is a frame of its own: compare events, and frames by what they cost.',
    ],
  });
  const measurements = [...group.measurements, ...pulse];
  context.report({ ...group, measurements, series: rampSeries(transport, result) });
}

/** The pulse lane beside half of the knee's danmaku; nothing for servers that have none. */
async function measurePulse({ context, server, load, options }: KneeStage, knee: number) {
  if (server.origin === undefined || context.signal.aborted) return [];
  context.progress(`${options.transport}: likes beside danmaku`);
  using probe = await PulseProbe.join(server.target.url);
  const perSecond = Math.max(1, Math.round(knee / 2));
  await load.pace({ perSecond, seconds: options.seconds, textChars: options.textChars });
  const title = 'total of likes, from when a like was due to its total, at half the knee';
  return [
    { kind: 'distribution', key: 'pulse', title, unit: 'ms', better: 'lower', values: probe.latency },
  ] as const;
}

async function overload({ context, load, options }: KneeStage, knee: number): Promise<void> {
  const { transport, seconds, textChars } = options;
  const perSecond = knee * OVERLOAD;
  context.progress(`${transport}: overload, ${perSecond} danmaku a second`);
  const outcome = await load.pace({ perSecond, seconds, textChars });
  context.progress(`${transport}: after the overload`);
  const calm = Math.max(1, Math.round(knee * RECOVERY_SHARE));
  // What had piled up is gone before it is asked whether all is well again.
  await load.pace({ perSecond: calm, seconds: CLEAR_UP_S, textChars });
  const after = await load.pace({ perSecond: calm, seconds, textChars });
  context.report(
    loadGroup(outcome, {
      key: `${transport}-overload`,
      title: `Twice the knee: ${perSecond} danmaku a second`,
      notes: [
        `What happened: ${describeBroken(outcome) ?? 'it held'}.`,
        `Afterwards, at ${calm} danmaku a second: ${describeBroken(after) ?? `all is well, p99 ${after.chat.percentile(99).toFixed(0)} ms`}.`,
      ],
    }),
  );
}
