// Every scenario of the bench, in the order `--list` shows and `all` runs them.
import type { Scenario } from './scenario.ts';
import { latency } from './scenarios/latency.ts';
import { sync } from './scenarios/sync.ts';

export const SCENARIOS: readonly Scenario[] = [latency, sync];
