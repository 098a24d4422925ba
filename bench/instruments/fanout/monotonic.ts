// The clock all processes of one machine share (CLOCK_MONOTONIC), for latencies between two of them.

/** Now, microseconds since some moment that is the same for every process of this machine. */
export function monotonicUs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.round(nanoseconds / 1000);
}
