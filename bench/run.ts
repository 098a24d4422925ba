// Runs one scenario: each repetition measures every subject in turn, so that what the machine does to one it
// does to all. Collects; neither reads the command line nor writes files.
import { describeMachine } from './machine.ts';
import type { GroupData, RunReport, SubjectOutcome } from './report/run-report.ts';
import { REPORT_SCHEMA, toGroupData } from './report/run-report.ts';
import type { Rival } from './rivals/rival.ts';
import { BARRAGE, type OptionValues, type Scenario } from './scenario.ts';

export interface RunSettings {
  readonly options: OptionValues;
  readonly quick: boolean;
  readonly repetitions: number;
  /** Rivals to measure beside. */
  readonly against: readonly Rival[];
  readonly signal: AbortSignal;
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
  try {
    await scenario.run({
      ...{ options: settings.options, subject, quick: settings.quick, signal: settings.signal },
      progress: (text) => settings.progress(`${label}${text}`),
      report: collect,
      noteVersion,
    });
    return { name: subject, state: settings.signal.aborted ? 'interrupted' : 'measured' };
  } catch (error) {
    if (settings.signal.aborted) return { name: subject, state: 'interrupted' };
    return { name: subject, state: 'failed', detail: (error as Error).message };
  }
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
