// What a scenario is: a name, its options, and a run that hands in measurements. A scenario is one file under
// scenarios/; all-scenarios.ts lists them.
import type { ParseArgsOptionsConfig } from 'node:util';
import type { MeasurementGroup } from './measurement.ts';

/** The server of this project, as a subject. */
export const BARRAGE = 'barrage';

/** Values of a scenario's options, as typed on the command line. */
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** What a scenario is given to run with. */
export interface ScenarioContext {
  readonly options: OptionValues;
  /** Who is measured: {@link BARRAGE}, or one of the scenario's rivals. */
  readonly subject: string;
  /** True when `--quick` was given: the shortest run that still means something, within a minute and a half. */
  readonly quick: boolean;
  /** Ends the run early (Ctrl-C); what was measured so far is reported. */
  readonly signal: AbortSignal;
  /** Says what is being done; shown as one line. */
  readonly progress: (text: string) => void;
  /** Hands in results as they come, so that an interrupted run still reports them. */
  readonly report: (group: MeasurementGroup) => void;
  /** Notes the version of a program taking part. */
  readonly noteVersion: (program: string, version: string) => void;
}

/** A benchmark scenario. */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly options: ParseArgsOptionsConfig;
  /** One line for each option, for `--help`. */
  readonly help: Readonly<Record<string, string>>;
  /**
   * The figures that targets and summaries may refer to, as `GROUPKEY/MEASUREMENTKEY`; the one that says most
   * stands first. `*` as group key: whatever group has the measurement.
   */
  readonly figures?: readonly string[];
  /** Seconds that measuring one subject with the defaults may take, for `all`; default 600. With `--quick` 90. */
  readonly longestS?: number;
  /** Names of the rivals it can be run against. */
  readonly rivals: readonly string[];
  /** Throws when a value makes no sense, before anything is started. */
  checkOptions(options: OptionValues): void;
  /** Measures `context.subject` once; called anew for each repetition. Cleans up after itself, also when it throws. */
  run(context: ScenarioContext): Promise<void>;
}

/** Waits, or until the run is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
