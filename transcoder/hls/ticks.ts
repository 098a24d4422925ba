// Media clock microseconds to and from the ticks of a track's timescale. Both ways are monotonic, and
// exact to a tick for times since the Unix epoch.

/** Microseconds as whole ticks. */
export function usToTicks(us: number, timescale: number): number {
  // Not us * timescale / 1e6: that product is beyond 2^53 for times since 1970.
  return Math.round(us * (timescale / 1_000_000));
}

/** Ticks as microseconds, not rounded. */
export function ticksToUs(ticks: number, timescale: number): number {
  return ticks / (timescale / 1_000_000);
}
