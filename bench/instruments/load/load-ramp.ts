// Finds the load a server still carries: steps up by a factor until a step breaks a limit, then halves the
// distance between the last good and the first broken step. Knows nothing of what the load is.

export interface RampOptions<S> {
  /** First load offered, and the factor from step to step (above 1). */
  readonly start: number;
  readonly factor: number;
  /** Highest load worth trying. */
  readonly max: number;
  /** How often the distance between good and broken is halved; default 2. */
  readonly refinements?: number;
  /** How often a step is tried before it counts as broken: a shared machine may have stalled; default 1. */
  readonly attempts?: number;
  /** Offers a load, waits, measures; `attempt` counts from 1. */
  readonly step: (offered: number, attempt: number) => Promise<S>;
  /** Why a step broke a limit, for example `loss 2.1% above 0.1%`; undefined when it held. */
  readonly broken: (outcome: S, offered: number) => string | undefined;
  readonly signal: AbortSignal;
}

/** One step of a ramp. */
export interface RampStep<S> {
  readonly offered: number;
  readonly outcome: S;
  /** Why the step broke a limit; undefined when it held. */
  readonly broken: string | undefined;
}

export interface RampResult<S> {
  /** In ascending order of load. */
  readonly steps: readonly RampStep<S>[];
  /** The highest load that held; undefined when the first one broke. */
  readonly knee: RampStep<S> | undefined;
  /** The lowest load that broke, if one did. */
  readonly firstBroken: RampStep<S> | undefined;
}

/** Runs the ramp. Loads are whole numbers. An aborted one returns the steps so far. */
export async function ramp<S>(options: RampOptions<S>): Promise<RampResult<S>> {
  const { attempts = 1 } = options;
  const steps: RampStep<S>[] = [];
  const tryLoad = async (offered: number): Promise<boolean> => {
    for (let attempt = 1; ; attempt++) {
      const outcome = await options.step(offered, attempt);
      const broken = options.broken(outcome, offered);
      if (broken !== undefined && attempt < attempts && !options.signal.aborted) continue;
      steps.push({ offered, outcome, broken });
      return broken === undefined;
    }
  };
  let good = 0;
  let bad = Number.POSITIVE_INFINITY;
  for (let load = options.start; load <= options.max && !options.signal.aborted; load = next(load, options)) {
    if (await tryLoad(load)) good = load;
    else {
      bad = load;
      break;
    }
    if (load === options.max) break;
  }
  for (let left = options.refinements ?? 2; left > 0 && !options.signal.aborted; left--) {
    const middle = Math.round((good + bad) / 2);
    if (!Number.isFinite(bad) || middle <= good || middle >= bad) break;
    if (await tryLoad(middle)) good = middle;
    else bad = middle;
  }
  steps.sort((a, b) => a.offered - b.offered);
  return {
    steps,
    knee: steps.findLast(({ offered, broken }) => offered === good && broken === undefined),
    firstBroken: steps.find(({ offered }) => offered === bad),
  };
}

function next(load: number, { factor, max }: { readonly factor: number; readonly max: number }): number {
  return Math.min(max, Math.max(load + 1, Math.round(load * factor)));
}
