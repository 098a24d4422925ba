// A stretch of tapping as measurements.
import { figureOf, latencyOf, type Measurement } from '../../measurement.ts';
import type { CpuUse } from '../cpu-account.ts';
import { LatencyHistogram } from '../latency-histogram.ts';
import type { TapCounts } from './tap-book.ts';

/** What came out of a stretch. */
export interface TapOutcome {
  readonly counts: TapCounts;
  readonly use: CpuUse;
  readonly tappers: number;
  /** Viewers that never showed the final total. */
  readonly others: number;
  /** Last answer until every viewer showed the final total, ms. */
  readonly settleMs: number;
  /** Likes by which the total given out by the server is off the taps it accepted, in the worst place. */
  readonly totalError: number;
}

/** The measurements of a stretch; those per busy core only when the server's CPU is known (label `server/...`). */
export function toMeasurements(outcome: TapOutcome): Measurement[] {
  return [...exactness(outcome), ...speed(outcome), ...throughput(outcome)];
}

function exactness({ tappers, totalError, counts, others }: TapOutcome): Measurement[] {
  const wrong = { better: 'lower' } as const;
  return [
    figureOf({
      ...{ key: 'tappers', title: 'tappers at once', unit: 'tappers', better: 'higher' },
      value: tappers,
    }),
    figureOf({
      ...{ key: 'totalError', title: 'likes by which a total is off', unit: 'likes', ...wrong },
      value: totalError,
    }),
    figureOf({
      ...{ key: 'backwards', title: 'totals that went back', unit: 'times', ...wrong },
      value: counts.backwards,
    }),
    figureOf({
      ...{ key: 'notShown', title: 'viewers that never showed the final total', unit: 'viewers', ...wrong },
      value: others,
    }),
  ];
}

function speed({ counts, settleMs }: TapOutcome): Measurement[] {
  return [
    latencyOf('reply', 'taps due until answered', LatencyHistogram.decode(counts.replyMs)),
    latencyOf('pulse', 'between two totals at a viewer', LatencyHistogram.decode(counts.pulseMs)),
    figureOf({
      ...{ key: 'settle', title: 'last answer until every viewer shows the final total', unit: 'ms' },
      ...{ better: 'lower', value: settleMs },
    }),
  ];
}

function throughput({ counts, use }: TapOutcome): Measurement[] {
  const commands = counts.acceptedCommands + counts.refusedCommands;
  const rates = [
    ['taps', 'taps accepted', counts.acceptedTaps],
    ['commands', 'commands answered', commands],
  ] as const;
  const perSecond = rates.map(([unit, title, count]) =>
    figureOf({
      ...{ key: `${unit}PerSecond`, title, unit: `${unit}/s`, better: 'neither' },
      value: count / use.wallSeconds,
    }),
  );
  const refused = figureOf({
    ...{ key: 'refused', title: 'taps refused', unit: 'taps', better: 'neither' },
    value: counts.refusedTaps,
  });
  const serverSeconds = serverSecondsOf(use);
  if (serverSeconds === 0) return [...perSecond, refused];
  const perCore = rates.map(([unit, title, count]) =>
    figureOf({
      ...{ key: `${unit}PerCore`, title: `${title} per busy core`, unit: `${unit}/s`, better: 'higher' },
      value: count / serverSeconds,
    }),
  );
  return [...perCore, ...perSecond, refused];
}

function serverSecondsOf({ cpuSeconds }: CpuUse): number {
  return Object.entries(cpuSeconds)
    .filter(([label]) => label.startsWith('server/'))
    .reduce((sum, [, seconds]) => sum + seconds, 0);
}
