// One storm as the generator keeps it: who was lost, who is back and when, and what the attempts in between ran
// into. Pure but for nothing: times are handed in.

/** A return: when hello was answered, and what with. */
export interface Return {
  /** On the machine's monotonic clock, ms. */
  readonly atMs: number;
  /** The server had everything that was missed. */
  readonly recovered: boolean;
  readonly missedEvents: number;
  readonly helloBytes: number;
}

/** What a storm came to; plain data. */
export interface StormOutcome {
  readonly viewers: number;
  readonly lost: number;
  readonly resumed: number;
  /** When each came back, ms after `fromMs`, ascending; 0 for who was faster. */
  readonly resumedMs: readonly number[];
  readonly recovered: number;
  readonly missedEvents: number;
  readonly helloBytes: number;
  readonly attempts: number;
  /** Connections lost and attempts that failed, by close code or error code. */
  readonly failures: Readonly<Record<string, number>>;
}

/** Counts one storm among `viewers` viewers, known by their index. */
export class Storm {
  readonly #viewers: number;
  readonly #lost = new Set<number>();
  readonly #returns = new Map<number, Return>();
  readonly #failures: Record<string, number> = {};
  #attempts = 0;

  constructor(viewers: number) {
    this.#viewers = viewers;
  }

  /** Viewers lost and back again. */
  get resumed(): number {
    return this.#returns.size;
  }

  get lost(): number {
    return this.#lost.size;
  }

  lose(viewer: number, failure: string): void {
    this.#lost.add(viewer);
    // Who is lost again has not come back yet.
    this.#returns.delete(viewer);
    this.fail(failure);
  }

  attempt(): void {
    this.#attempts++;
  }

  fail(failure: string): void {
    this.#failures[failure] = (this.#failures[failure] ?? 0) + 1;
  }

  comeBack(viewer: number, how: Return): void {
    if (this.#lost.has(viewer)) this.#returns.set(viewer, how);
  }

  outcome(fromMs: number): StormOutcome {
    const returns = [...this.#returns.values()];
    const sum = (read: (how: Return) => number) => returns.reduce((total, how) => total + read(how), 0);
    return {
      ...{ viewers: this.#viewers, lost: this.#lost.size, resumed: returns.length },
      resumedMs: returns.map(({ atMs }) => Math.max(0, atMs - fromMs)).sort((a, b) => a - b),
      recovered: sum(({ recovered }) => Number(recovered)),
      missedEvents: sum(({ missedEvents }) => missedEvents),
      helloBytes: sum(({ helloBytes }) => helloBytes),
      ...{ attempts: this.#attempts, failures: this.#failures },
    };
  }
}

/** Ms until so many percent of all viewers were back; undefined when they never were. */
export function timeUntil(outcome: StormOutcome, percent: number): number | undefined {
  const needed = Math.ceil((percent / 100) * outcome.viewers);
  return needed === 0 ? 0 : outcome.resumedMs[needed - 1];
}

/** The curve of the share back over time: seconds and percent, at most `points` of them. */
export function shareCurve(outcome: StormOutcome, points = 200): [number, number][] {
  const { resumedMs, viewers } = outcome;
  const every = Math.max(1, Math.ceil(resumedMs.length / points));
  const curve: [number, number][] = [[0, 0]];
  resumedMs.forEach((ms, index) => {
    const isLast = index === resumedMs.length - 1;
    if (index % every === 0 || isLast) curve.push([ms / 1000, ((index + 1) / viewers) * 100]);
  });
  return curve;
}

/** The most returns within any one second. */
export function peakRate(outcome: StormOutcome): number {
  let first = 0;
  let most = 0;
  outcome.resumedMs.forEach((ms, index) => {
    while ((outcome.resumedMs[first] ?? 0) < ms - 1000) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
