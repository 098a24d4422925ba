// The plot of CPU by process: one bar for each group and subject.
import { mergeGroups } from '../merged-group.ts';
import type { Plot } from '../plots.ts';
import { cpuShares } from '../report-tables.ts';
import type { RunReport } from '../run-report.ts';
import { colorBy, titleOf, WIDE } from './layout.ts';

/** Stacked percent of one core, mean over the repetitions. */
export function cpuPlots(report: RunReport): Plot[] {
  const groups = mergeGroups(report);
  const values = groups.flatMap((group) =>
    [...cpuShares(group)].map(([name, share]) => ({ group: group.name, name, percent: share * 100 })),
  );
  if (values.length === 0) return [];
  const title = 'CPU by process';
  const names = [...new Set(values.map(({ name }) => name))].sort();
  const { color } = colorBy(names);
  return [
    {
      ...{ key: 'cpu', kind: 'cpu', title },
      spec: {
        ...WIDE,
        height: { step: 34 },
        title: titleOf(title, 'mean over the measured stretch'),
        data: { values },
        mark: { type: 'bar', height: 20 },
        encoding: {
          y: {
            field: 'group',
            type: 'nominal',
            sort: groups.map(({ name }) => name),
            title: null,
            axis: { labelLimit: 420, ticks: false, domain: false },
          },
          x: { field: 'percent', type: 'quantitative', title: 'percent of one core', stack: 'zero' },
          color: { ...color, legend: color.legend && { ...color.legend, symbolType: 'square' } },
          order: { field: 'name' },
        },
      },
    },
  ];
}
