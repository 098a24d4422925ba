// The part of the bench that runs with the tests: danmaku delivered per CPU second, beside a plain `ws` loop with
// the same ticks. A fixed load far below any knee and CPU time instead of wall time: what else the machine does
// changes little, and what it changes it changes for both.
import path from 'node:path';
import { FanoutLoad } from '../instruments/fanout/fanout-load.ts';
import { figureOf } from '../measurement.ts';
import { readReport } from '../report/read-report.ts';
import type { RunReport } from '../report/run-report.ts';
import { starterOf } from '../rivals/fanout/start-subject.ts';
import { RIVALS } from '../rivals/rivals.ts';
import { runScenario } from '../run.ts';
import type { Scenario, ScenarioContext } from '../scenario.ts';
import { checkFailures } from './check.ts';
import { type Comparison, compareReports } from './compare.ts';

/** The ratios that were measured when this was last looked at. */
export const CI_BASELINE = path.join(import.meta.dirname, '../ci-baseline.json');
/** Enough for an interval that half the throughput is far outside of. */
export const CI_REPETITIONS = 3;
/**
 * Half way, in ratios, between no change and half the throughput: noise would have to be as large as that to be
 * taken for a regression, or to hide one. Ratios of one machine scatter by 5 to 10%.
 */
const MIN_EFFECT = 0.3;
const RIVAL = 'ws-batched';
const VIEWERS = 150;
const SENDERS = 20;
const WARM_UP = { perSecond: 400, seconds: 1, textChars: 40 };
const LOAD = { perSecond: 800, seconds: 3, textChars: 40 };
/** Nothing may be thinned: fewer events would look like cheaper ones. */
const UNTHINNED_PER_TICK = 10_000;

const delivery: Scenario = {
  name: 'ci',
  summary: `danmaku delivered per CPU second beside ${RIVAL}, at a fixed load`,
  options: {},
  help: {},
  rivals: [RIVAL],
  checkOptions: () => undefined,
  run,
};

async function run(context: ScenarioContext): Promise<void> {
  context.progress(`${LOAD.perSecond} danmaku a second to ${VIEWERS} viewers`);
  await using server = await starterOf(context.subject)({ maxChatPerTick: UNTHINNED_PER_TICK });
  await using load = await FanoutLoad.start(server, 'websocket');
  await load.joinViewers(VIEWERS);
  await load.joinSenders(SENDERS);
  await load.pace(WARM_UP);
  if (context.signal.aborted) return;
  const { received, sent, serverCpuSeconds, cpu, generator } = await load.pace(LOAD);
  const due = sent.accepted * received.viewers;
  if (received.events < due) throw new Error(`of ${due} events ${received.events} arrived`);
  context.report({
    key: 'delivery',
    title: `${LOAD.perSecond} danmaku a second to ${VIEWERS} viewers`,
    measurements: [
      figureOf({
        ...{ key: 'events-per-core', title: 'events delivered per CPU second', unit: '1/s' },
        ...{ better: 'higher', value: received.events / serverCpuSeconds },
      }),
    ],
    ...{ cpu, generator, notes: [server.configuration] },
  });
}

/** Measures the subset. Takes about 8 s for each repetition. */
export function runCiSubset(options: {
  readonly repetitions: number;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}): Promise<RunReport> {
  const against = RIVALS.filter(({ name }) => name === RIVAL);
  return runScenario(delivery, { ...options, options: {}, quick: false, against });
}

/** What changed since the baseline, and why that fails; nothing when it does not. */
export function judgeCiRun(
  report: RunReport,
  baseline: RunReport = readReport(CI_BASELINE),
): { readonly comparison: Comparison; readonly failures: readonly string[] } {
  const unmeasured = report.subjects
    .filter(({ state }) => state !== 'measured')
    .map(({ name, state, detail }) => `${name} ${state}: ${detail ?? 'no reason known'}`);
  const comparison = compareReports(baseline, report, {
    baselineFile: path.basename(CI_BASELINE),
    ...{ minEffect: MIN_EFFECT, ratiosOnly: true },
  });
  return { comparison, failures: [...unmeasured, ...checkFailures(comparison)] };
}
