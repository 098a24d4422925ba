// Runs one scenario: each repetition measures every subject in turn, so that what the machine does to one it
// does to all. Collects; neither reads the command line nor writes files.
import type { ProcessInfo } from './instruments/process-tree.ts';
import { endRunProcesses, markRun, runProcesses } from './instruments/run-processes.ts';
import { describeMachine, measureBusyShare } from './machine.ts';
import type { GroupData, RunReport, SubjectOutcome } from './report/run-report.ts';
import { REPORT_SCHEMA, toGroupData } from './report/run-report.ts';
import type { Rival } from './rivals/rival.ts';
import { RunWatch } from './run-watch.ts';
import { BARRAGE, type OptionValues, type Scenario } from './scenario.ts';
import { readTarget, requireTarget } from './target.ts';

/** Processes on their way out when a measurement ends are not called left behind. */
const EXIT_GRACE_MS = 3_000;
const LOOK_AROUND_MS = 300;
/** Above this share of the machine others are too busy on it for figures to be believed. */
const CROWDED = 0.25;

export interface RunSettings {
  readonly options: OptionValues;
  readonly quick: boolean;
  readonly repetitions: number;
  /** Rivals to measure beside. */
  readonly against: readonly Rival[];
  readonly signal: AbortSignal;
  /** How long one subject may be measured each time, ms; default: as long as it takes. */
  readonly timeLimitMs?: number | undefined;
  /** How long a scenario told to end may take to clean up, ms; default 30 s. */
  readonly cleanUpMs?: number | undefined;
  readonly progress: (text: string) => void;
}

/** Runs a scenario; never throws: what failed is in the report. */
export async function runScenario(scenario: Scenario, settings: RunSettings): Promise<RunReport> {
  const startedAt = new Date();
  const groups: GroupData[] = [];
  const versions: Record<string, string> = {};
  const outcomes = new Map<string, SubjectOutcome>();
  for (const rival of settings.against) {
    const missing = rival.findMissing();
    if (missing === undefined) continue;
    const detail = `${rival.title} is missing: ${missing}; install it with \`${rival.install}\``;
    settings.progress(detail);
    outcomes.set(rival.name, { name: rival.name, state: 'missing', detail });
  }
  const subjects = [BARRAGE, ...settings.against.map(({ name }) => name)];
  for (let repetition = 1; repetition <= settings.repetitions; repetition++) {
    // Every other repetition in the opposite order: who comes first finds a cooler machine.
    const order = repetition % 2 === 1 ? subjects : subjects.toReversed();
    for (const subject of order) {
      if (settings.signal.aborted || isOver(outcomes.get(subject))) continue;
      const outcome = await measure(scenario, subject, {
        settings,
        label: labelOf({ subject, repetition, settings }),
        collect: (group) => groups.push(toGroupData(group, subject, repetition)),
        noteVersion: (program, version) => {
          versions[program] = version;
        },
      });
      outcomes.set(subject, outcome);
    }
  }
  const all = subjects.map((name) => outcomes.get(name) ?? { name, state: 'interrupted' as const });
  return {
    ...{ schema: REPORT_SCHEMA, scenario: scenario.name, options: settings.options },
    ...{ startedAt: startedAt.toISOString(), seconds: Math.round((Date.now() - startedAt.getTime()) / 1000) },
    finished: settings.signal.aborted ? 'interrupted' : all.some(hasFailed) ? 'failed' : 'complete',
    ...{ machine: describeMachine(), versions, subjects: all, groups },
  };
}

interface Measuring {
  readonly settings: RunSettings;
  /** What to put before each progress line. */
  readonly label: string;
  readonly collect: (group: Parameters<typeof toGroupData>[0]) => void;
  readonly noteVersion: (program: string, version: string) => void;
}

async function measure(scenario: Scenario, subject: string, measuring: Measuring): Promise<SubjectOutcome> {
  const { settings, label, collect, noteVersion } = measuring;
  markRun();
  const spare = new Set(runProcesses().map(({ pid }) => pid));
  const target = subject === BARRAGE ? readTarget(settings.options) : undefined;
  const { signal, timeLimitMs, cleanUpMs } = settings;
  let failure: string | undefined;
  const busyBefore = await measureBusyShare(LOOK_AROUND_MS);
  using watch = new RunWatch({ signal, timeLimitMs, cleanUpMs, target });
  try {
    if (target !== undefined) await requireTarget(target);
    const run = scenario.run({
      ...{ options: settings.options, subject, quick: settings.quick, signal: watch.signal },
      progress: (text) => watch.stuck || settings.progress(`${label}${text}`),
      report: (group) => watch.stuck || collect(group),
      noteVersion,
    });
    await Promise.race([run, watch.outOfTime]);
  } catch (error) {
    failure = (error as Error).message;
  }
  // A scenario cut off by the death of its server fails of many things; that death is the cause.
  if (watch.signal.aborted) failure = watch.broken;
  const left = await endRunProcesses({ graceMs: watch.stuck ? 0 : EXIT_GRACE_MS, spare });
  return { name: subject, ...concludeMeasurement(watch, { failure, left, busyBefore }) };
}

interface Findings {
  /** Why it failed. */
  readonly failure: string | undefined;
  /** Processes that had to be ended. */
  readonly left: readonly ProcessInfo[];
  /** Share of the machine that others used just before. */
  readonly busyBefore: number;
}

function concludeMeasurement(
  watch: RunWatch,
  { failure, left, busyBefore }: Findings,
): Omit<SubjectOutcome, 'name'> {
  const names = left.map(({ name, pid }) => `${name} (${pid})`).join(', ');
  const details = [
    ...(failure === undefined ? [] : [failure]),
    ...(busyBefore > CROWDED
      ? [`others kept ${Math.round(busyBefore * 100)}% of the machine busy when it began`]
      : []),
    ...(watch.stuck ? ['it did not clean up in time and was cut off'] : []),
    ...(left.length === 0 ? [] : [`it left processes behind, which were ended: ${names}`]),
  ];
  const state = failure !== undefined ? 'failed' : watch.signal.aborted ? 'interrupted' : 'measured';
  return { state, ...(details.length > 0 && { detail: details.join('; ') }) };
}

function labelOf(options: {
  readonly subject: string;
  readonly repetition: number;
  readonly settings: RunSettings;
}): string {
  const { subject, repetition, settings } = options;
  const round = settings.repetitions > 1 ? `${repetition}/${settings.repetitions} ` : '';
  const who = settings.against.length > 0 ? `${subject}: ` : '';
  return round + who;
}

/** A subject that is missing or failed once is not tried again. */
function isOver(outcome: SubjectOutcome | undefined): boolean {
  return outcome?.state === 'missing' || outcome?.state === 'failed';
}

function hasFailed({ state }: SubjectOutcome): boolean {
  return state === 'failed';
}
