// Benchmark reports that are made up, for the tests of what is made from them.
import { LatencyHistogram } from '../../bench/instruments/latency-histogram.ts';
import { figureOf, latencyOf, type Measurement, type MeasurementGroup } from '../../bench/measurement.ts';
import { type RunReport, toGroupData } from '../../bench/report/run-report.ts';

const machine = {
  ...{ cpu: 'Test CPU', cores: 2, memoryGiB: 4, kernel: '6.1', system: 'Debian' },
  ...{ node: 'v24.0.0', ffmpeg: '5.1', commit: 'abc' },
};

/** A finished run of Barrage alone, over what is given. */
export function reportOf(over: Partial<RunReport> = {}): RunReport {
  return {
    ...{ schema: 2, scenario: 'made-up', options: {}, startedAt: '2026-11-23T06:00:00.000Z', seconds: 12 },
    ...{ finished: 'complete', machine, versions: {}, groups: [] },
    subjects: [{ name: 'barrage', state: 'measured' }],
    ...over,
  };
}

/** A run whose one figure `all/rate` took these values, by subject and repetition. */
export function reportOfRates(
  rates: Readonly<Record<string, readonly number[]>>,
  better: 'lower' | 'higher' | 'neither' = 'higher',
): RunReport {
  return reportOf({
    subjects: Object.keys(rates).map((name) => ({ name, state: 'measured' })),
    groups: Object.entries(rates).flatMap(([subject, values]) =>
      values.map((value, i) => toGroupData(groupOf([rateOf(value, better)]), subject, i + 1)),
    ),
  });
}

/** A group `all`. */
export function groupOf(
  measurements: readonly Measurement[],
  over: Partial<MeasurementGroup> = {},
): MeasurementGroup {
  return { key: 'all', title: 'everything', measurements, notes: [], ...over };
}

/** A figure `rate`. */
export function rateOf(value: number, better: 'lower' | 'higher' | 'neither' = 'higher') {
  return figureOf({ key: 'rate', title: 'rate', unit: '1/s', better, value });
}

/** Something of everything that a report can hold, of two subjects in two repetitions, and one missing. */
export function fullReport(): RunReport {
  const groups = ['barrage', 'ws'].flatMap((subject) =>
    [1, 2].map((repetition) => toGroupData(fullGroup(repetition), subject, repetition)),
  );
  return reportOf({
    options: { quick: true, repeat: '2', against: 'ws,mosquitto' },
    versions: { Chromium: '156' },
    subjects: [
      { name: 'barrage', state: 'measured' },
      { name: 'ws', state: 'measured' },
      { name: 'mosquitto', state: 'missing', detail: 'mosquitto is missing: no program "mosquitto" in PATH' },
    ],
    groups,
  });
}

function fullGroup(repetition: number): MeasurementGroup {
  const histogram = new LatencyHistogram();
  for (let ms = 1; ms <= 1000; ms++) histogram.record(ms);
  const measurements = [
    latencyOf('delay', 'delay', histogram),
    latencyOf('soundSkew', 'sound after picture', [-20, -5, 0, 5, 30]),
    rateOf(1000 + repetition),
    // What could not be measured.
    { ...rateOf(Number.NaN), key: 'unknown' },
  ];
  const axis = (title: string) => ({ title, unit: '1/s' });
  const points = [
    [10, 10],
    [100, 90],
  ] as const;
  return groupOf(measurements, {
    series: [{ key: 'load', title: 'delivered', x: axis('offered'), y: axis('delivered'), points }],
    cpu: { wallSeconds: 10, cpuSeconds: { 'server/node': 5, 'generator/node': 2, 'server/idle': 0.01 } },
    generator: { utilization: 0.97, delayP99Ms: 3 },
    notes: [`Round ${repetition}.`, 'Sent <b>5</b> & lost | none.'],
  });
}
