// The plot of ratios against rivals: a point with its confidence interval for each number both measured.
import type { Plot } from '../plots.ts';
import { ratiosAgainstRivals } from '../ratios.ts';
import type { RunReport } from '../run-report.ts';
import { colorBy, WIDE } from './layout.ts';

/** On a logarithmic axis, where twice as much and half as much are equally far from 1. */
export function ratioPlots(report: RunReport): Plot[] {
  const ratios = ratiosAgainstRivals(report);
  if (ratios.length === 0) return [];
  const groups = new Set(ratios.map(({ group }) => group));
  const values = ratios.map(({ rival, group, title, better, estimate }) => ({
    ...{ name: rival, ratio: estimate.value, low: estimate.interval?.low, high: estimate.interval?.high },
    label: `${groups.size > 1 ? `${group}: ` : ''}${title} (${better} is better)`,
  }));
  const title = 'Barrage against rivals';
  const x = { type: 'quantitative', title: 'Barrage / rival', scale: { type: 'log' } } as const;
  const y = {
    field: 'label',
    type: 'nominal',
    title: null,
    sort: values.map(({ label }) => label),
    axis: { labelLimit: 420, ticks: false, grid: true },
  } as const;
  const encoding = { y, yOffset: { field: 'name' }, ...colorBy(values.map(({ name }) => name)) } as const;
  const axis = { format: '~r', labelExpr: "datum.label ? datum.label + 'x' : ''" };
  return [
    {
      ...{ key: 'ratios', title },
      spec: {
        ...WIDE,
        width: 360,
        height: { step: 18 },
        title: { text: title, subtitle: 'with 95% confidence interval where there are repetitions' },
        data: { values },
        layer: [
          {
            data: { values: [{}] },
            mark: { type: 'rule', strokeDash: [4, 4], color: '#52606d' },
            encoding: { x: { datum: 1 } },
          },
          {
            transform: [{ filter: 'isValid(datum.low)' }],
            mark: { type: 'rule', strokeWidth: 2 },
            encoding: { ...encoding, x: { ...x, field: 'low' }, x2: { field: 'high' } },
          },
          {
            mark: { type: 'point', filled: true, size: 70, opacity: 1 },
            encoding: { ...encoding, x: { ...x, field: 'ratio', axis } },
          },
        ],
      },
    },
  ];
}
