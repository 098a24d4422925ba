// Plots of distributions. Durations: the percentile curve of HDR histograms, whose axis gives each further
// "nine" the same room, so that the worst of a thousand is as easy to see as the median. What can be negative,
// for example sound against picture: a cumulative curve.
import type { TopLevelSpec } from 'vega-lite';
import { distributionsOf, type MergedGroup, mergeGroups, mergeValues, nameOf } from '../merged-group.ts';
import type { Plot } from '../plots.ts';
import type { DistributionData, RunReport } from '../run-report.ts';
import { colorBy, titleOf, WIDE } from './layout.ts';

/** One curve. */
interface Curve {
  readonly name: string;
  readonly percentile: (percent: number) => number;
  readonly count: number;
}

/** With one subject a plot for each group, all its curves together; with rivals one for each measurement. */
export function distributionPlots(report: RunReport): Plot[] {
  const groups = mergeGroups(report);
  return report.subjects.length > 1 ? plotsByMeasurement(groups) : plotsByGroup(groups);
}

function plotsByGroup(groups: readonly MergedGroup[]): Plot[] {
  return groups.flatMap((group) => {
    const all = firstOfEach(group);
    return [...new Set(all.map(({ unit }) => unit))].flatMap((unit) => {
      const same = all.filter((one) => one.unit === unit);
      const [signed, unsigned] = [same.filter(isSigned), same.filter((one) => !isSigned(one))];
      const curves = (list: readonly DistributionData[]) =>
        list.map((one) => toCurve(one.title, distributionsOf(group, one.key)));
      const suffix = unit === 'ms' ? '' : `-${unit}`;
      return [
        ...draw({
          key: `${group.key}-percentiles${suffix}`,
          title: group.title,
          unit,
          curves: curves(unsigned),
        }),
        ...signed.flatMap((one) =>
          draw({
            ...{
              key: `${group.key}-${one.key}`,
              title: one.title,
              conditions: group.title,
              unit,
              signed: true,
            },
            curves: curves([one]),
          }),
        ),
      ];
    });
  });
}

function plotsByMeasurement(groups: readonly MergedGroup[]): Plot[] {
  const keys = [...new Set(groups.map(({ key }) => key))];
  return keys.flatMap((key) => {
    const subjects = groups.filter((group) => group.key === key);
    const measurements = new Map(subjects.flatMap(firstOfEach).map((one) => [one.key, one]));
    return [...measurements.values()].flatMap((one) => {
      const found = subjects.map((group) => ({ group, data: distributionsOf(group, one.key) }));
      const present = found.filter(({ data }) => data.length > 0);
      return draw({
        ...{ key: `${key}-${one.key}`, title: one.title, conditions: subjects[0]?.title, unit: one.unit },
        signed: present.some(({ data }) => data.some(isSigned)),
        curves: present.map(({ group, data }) => toCurve(nameOf(group.subject), data)),
      });
    });
  });
}

function firstOfEach(group: MergedGroup): DistributionData[] {
  const all = group.repetitions.flatMap(({ measurements }) =>
    measurements.filter((one) => one.kind === 'distribution'),
  );
  return [...new Map(all.map((one) => [one.key, one])).values()];
}

function isSigned({ summary }: DistributionData): boolean {
  return summary.min < 0;
}

function toCurve(name: string, data: readonly DistributionData[]): Curve {
  const merged = mergeValues(data);
  return { name, count: merged.count, percentile: (percent) => merged.percentile(percent) };
}

interface Drawing {
  readonly key: string;
  readonly title: string;
  readonly conditions?: string | undefined;
  readonly unit: string;
  readonly signed?: boolean;
  readonly curves: readonly Curve[];
}

function draw({ key, title, conditions, unit, signed = false, curves }: Drawing): Plot[] {
  const filled = curves.filter(({ count }) => count > 0);
  if (filled.length === 0) return [];
  const spec = signed ? cumulativeSpec(unit, filled) : percentileSpec(unit, filled);
  return [
    {
      ...{ key, kind: 'distribution', title: conditions === undefined ? title : `${conditions}: ${title}` },
      spec: { ...spec, title: titleOf(title, conditions) },
    },
  ];
}

/** Percents evenly spread on the axis of nines, up to the last that `count` values can tell apart. */
function percentsUpTo(count: number): number[] {
  const nines = Math.min(6, Math.max(1, Math.log10(count)));
  const steps = 200;
  return Array.from({ length: steps + 1 }, (_, i) => 100 * (1 - 10 ** ((-i / steps) * nines)));
}

function percentileSpec(unit: string, curves: readonly Curve[]): TopLevelSpec {
  const values = curves.flatMap(({ name, count, percentile }) =>
    percentsUpTo(count).map((percent) => ({ name, odds: 100 / (100 - percent), value: percentile(percent) })),
  );
  const deepest = Math.max(100, ...curves.map(({ count }) => Math.min(1e6, count)));
  return {
    ...WIDE,
    data: { values },
    mark: { type: 'line', interpolate: 'step-before', strokeWidth: 2 },
    encoding: {
      x: {
        field: 'odds',
        type: 'quantitative',
        scale: { type: 'log', domain: [1, deepest] },
        title: 'percentile',
        axis: {
          values: [1, 2, 10, 100, 1_000, 10_000, 100_000, 1_000_000],
          labelExpr: "datum.value == 1 ? '0' : format(100 - 100 / datum.value, '~r') + '%'",
        },
      },
      y: { field: 'value', type: 'quantitative', title: unit, scale: { zero: true } },
      ...colorBy(curves.map(({ name }) => name)),
    },
  };
}

function cumulativeSpec(unit: string, curves: readonly Curve[]): TopLevelSpec {
  const percents = Array.from({ length: 201 }, (_, i) => i / 2);
  const values = curves.flatMap(({ name, percentile }) =>
    percents.map((percent) => ({ name, percent, value: percentile(percent) })),
  );
  return {
    ...WIDE,
    data: { values },
    layer: [
      {
        mark: { type: 'line', interpolate: 'step-after', strokeWidth: 2 },
        encoding: {
          x: {
            ...{ field: 'value', type: 'quantitative', title: unit },
            ...{ scale: { zero: false }, axis: { tickCount: 8 } },
          },
          y: { field: 'percent', type: 'quantitative', title: 'percent at or below' },
          order: { field: 'percent' },
          ...colorBy(curves.map(({ name }) => name)),
        },
      },
      {
        data: { values: [{}] },
        mark: { type: 'rule', strokeDash: [4, 4], color: '#9aa5b1' },
        encoding: { x: { datum: 0 } },
      },
    ],
  };
}
