// Shares the machine's encoding power between the streams of this process. It counts, it measures nothing.
import type { LadderPlan } from './ladder-plan.ts';

/** Share of the cores ladders may plan with; the rest is for packets and people. */
const DEFAULT_FACTOR = 0.8;

/** A held share of the budget. */
export interface Reservation {
  readonly cost: number;
  /** Gives it back; safe to call again. */
  release(): void;
}

/** Options of {@link LadderAdmission}. */
export interface AdmissionOptions {
  /** Cores of the machine. */
  readonly cores: number;
  /** Cores all ladders together may use; 0 or none takes 80% of `cores`. */
  readonly maxCores?: number;
}

/** The budget of one process, in core seconds per second. */
export class LadderAdmission {
  readonly cores: number;
  readonly budget: number;
  readonly #held = new Set<Reservation>();

  constructor({ cores, maxCores = 0 }: AdmissionOptions) {
    this.cores = cores;
    this.budget = maxCores > 0 ? maxCores : cores * DEFAULT_FACTOR;
  }

  /** What is not held. */
  get left(): number {
    let held = 0;
    for (const { cost } of this.#held) held += cost;
    return Math.max(0, this.budget - held);
  }

  /** Holds a plan's cost, which was planned with `left` in the same turn of the event loop. */
  reserve(plan: Pick<LadderPlan, 'cost'>): Reservation {
    const reservation: Reservation = {
      cost: plan.cost,
      release: () => void this.#held.delete(reservation),
    };
    this.#held.add(reservation);
    return reservation;
  }

  describe(): { budget: number; left: number; reservations: number } {
    return { budget: this.budget, left: this.left, reservations: this.#held.size };
  }
}
