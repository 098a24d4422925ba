// Every scenario of the bench, in the order `--list` shows and `all` runs them.
import type { Scenario } from './scenario.ts';
import { danmaku } from './scenarios/danmaku.ts';
import { hls } from './scenarios/hls.ts';
import { ingest } from './scenarios/ingest.ts';
import { ladder } from './scenarios/ladder.ts';
import { latency } from './scenarios/latency.ts';
import { likes } from './scenarios/likes.ts';
import { reconnect } from './scenarios/reconnect.ts';
import { sfu } from './scenarios/sfu.ts';
import { soak } from './scenarios/soak.ts';
import { sync } from './scenarios/sync.ts';

export const SCENARIOS: readonly Scenario[] = [
  latency,
  sync,
  ingest,
  ladder,
  danmaku,
  likes,
  reconnect,
  sfu,
  hls,
  soak,
];
