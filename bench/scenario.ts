// What a scenario is: a name, its options, and a run that returns measurements. A scenario is one file under
// scenarios/; main.ts lists them.
import type { ParseArgsOptionsConfig } from 'node:util';
import type { CpuUse } from './instruments/cpu-account.ts';

/** One set of samples of a run, with what they are. */
export interface Measurement {
  /** For example `RTMP to WHEP, glass to glass`. */
  readonly title: string;
  readonly unit: 'ms' | '%' | 'count';
  readonly samples: readonly number[];
}

/** What was measured under one set of conditions, for example one playback path. */
export interface MeasurementGroup {
  readonly title: string;
  readonly measurements: readonly Measurement[];
  readonly cpu?: CpuUse;
  /** Counts and remarks that belong to the figures: pictures dropped, checksums refused. */
  readonly notes: readonly string[];
}

/** What a scenario is given to run with. */
export interface ScenarioContext {
  /** Values of the scenario's options, as typed on the command line. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  /** Ends the run early (Ctrl-C); what was measured so far is reported. */
  readonly signal: AbortSignal;
  /** Says what is being done; shown as one line. */
  readonly progress: (text: string) => void;
  /** Hands in results as they come, so that an interrupted run still reports them. */
  readonly report: (group: MeasurementGroup) => void;
  /** Notes the version of a program taking part. */
  readonly noteVersion: (program: string, version: string) => void;
}

/** A benchmark scenario. `run` cleans up after itself, also when it throws. */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  readonly options: ParseArgsOptionsConfig;
  /** One line for each option, for `--help`. */
  readonly help: Readonly<Record<string, string>>;
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

/** A positive whole number of an option; throws with the option's name otherwise. */
export function readCount(value: string | boolean | undefined, name: string, fallback: number): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (Number.isInteger(number) && number > 0 && number <= 86_400) return number;
  throw new Error(`--${name} takes a whole number from 1 to 86400, not "${value}"`);
}

/** A list of allowed words of an option; throws naming what is allowed. */
export function readChoices<T extends string>(
  value: string | boolean | undefined,
  name: string,
  allowed: readonly T[],
): readonly T[] {
  if (value === undefined) return allowed;
  const words = String(value).split(',');
  const wrong = words.find((word) => !allowed.includes(word as T));
  if (wrong === undefined) return words as T[];
  throw new Error(`--${name} takes ${allowed.join(', ')}, not "${wrong}"`);
}

/** A picture size of an option, `WIDTHxHEIGHT`; throws with the option's name otherwise. */
export function readSize(
  value: string | boolean | undefined,
  fallback: string,
): { readonly width: number; readonly height: number } {
  const match = /^(\d{2,4})x(\d{2,4})$/.exec(String(value ?? fallback));
  if (!match) throw new Error(`--size takes WIDTHxHEIGHT, not "${value}"`);
  return { width: Number(match[1]), height: Number(match[2]) };
}
