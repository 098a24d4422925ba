// Wall time that never steps back: the basis of the media clock. Not the media clock itself.

/** A source of time in microseconds since the Unix epoch; tests hand in their own. */
export interface Clock {
  nowUs(): number;
}

/**
 * The process's wall clock: Unix time taken once at start and carried on by the monotonic counter, so
 * that an NTP step does not move media or danmaku back in time.
 */
export const systemClock: Clock = {
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
};

/** Microseconds of a {@link Clock} as the milliseconds of the outside contract. */
export function usToMs(us: number): number {
  return Math.round(us / 1000);
}
