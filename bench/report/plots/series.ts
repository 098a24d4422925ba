// Plots of series: one for each key, over all groups, subjects and repetitions.

import type { Series } from '../../measurement.ts';
import { type MergedGroup, mergeGroups, nameOf } from '../merged-group.ts';
import type { Plot } from '../plots.ts';
import type { RunReport } from '../run-report.ts';
import { colorBy, titleOf, WIDE } from './layout.ts';

/** From this spread on an axis is logarithmic: on a linear one the lower values would lie on the axis. */
const LOG_SPREAD = 100;

/** One series of one repetition, with whose it is. */
interface Curve {
  readonly name: string;
  readonly repetition: number;
  readonly series: Series;
}

/** Repetitions of one subject share its colour. */
export function seriesPlots(report: RunReport): Plot[] {
  const groups = mergeGroups(report);
  const all = groups.flatMap((group) => curvesOf(report, groups, group));
  return [...new Set(all.map(({ series }) => series.key))].flatMap((key) => {
    const curves = all.filter(({ series }) => series.key === key && series.points.length > 0);
    return curves[0] ? [plotOf(key, curves[0].series, curves)] : [];
  });
}

function curvesOf(report: RunReport, groups: readonly MergedGroup[], group: MergedGroup): Curve[] {
  return group.repetitions.flatMap(({ repetition, series: all }) =>
    all.map((series) => {
      const sharing = groups.filter((other) =>
        other.repetitions.some((one) => one.series.some(({ key }) => key === series.key)),
      );
      const isOneGroup = new Set(sharing.map(({ key }) => key)).size === 1;
      const subject = report.subjects.length > 1 || isOneGroup ? nameOf(group.subject) : '';
      const name = [subject, ...(isOneGroup ? [] : [group.title])].filter(Boolean).join(': ');
      return { name, repetition, series };
    }),
  );
}

function plotOf(key: string, { title, x, y }: Series, curves: readonly Curve[]): Plot {
  const values = curves.flatMap(({ name, repetition, series }) =>
    series.points
      .filter((point) => point.every(Number.isFinite))
      .map(([px, py]) => ({ name, curve: `${name} ${repetition}`, x: px, y: py })),
  );
  const isShort = values.length <= 60 * curves.length;
  const axis = (field: 'x' | 'y', { title: what, unit }: Series['x']) =>
    ({
      field,
      type: 'quantitative',
      title: unit === '' ? what : `${what} (${unit})`,
      scale: scaleOf(values.map((value) => value[field])),
      axis: { format: formatFor(values.map((value) => value[field])), tickCount: 6 },
    }) as const;
  return {
    ...{ key, kind: 'series', title },
    spec: {
      ...WIDE,
      title: titleOf(title),
      data: { values },
      mark: { type: 'line', strokeWidth: 2, point: isShort ? { size: 36 } : false, opacity: 0.85 },
      encoding: {
        x: axis('x', x),
        y: axis('y', y),
        detail: { field: 'curve' },
        ...colorBy(curves.map(({ name }) => name)),
      },
    },
  };
}

/** `1.5M` for large numbers, `1,500` for others. */
function formatFor(values: readonly number[]): string {
  return Math.max(...values.map(Math.abs)) >= 100_000 ? '~s' : ',~r';
}

function scaleOf(values: readonly number[]) {
  const lowest = Math.min(...values);
  const isLog = lowest > 0 && Math.max(...values) / lowest >= LOG_SPREAD;
  return isLog ? ({ type: 'log' } as const) : ({ zero: true, nice: true } as const);
}
