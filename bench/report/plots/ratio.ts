// The plots of ratios against rivals: for each group a point with its confidence interval for each number that
// both measured.
import type { Plot } from '../plots.ts';
import { type Ratio, ratiosAgainstRivals } from '../ratios.ts';
import type { RunReport } from '../run-report.ts';
import { colorBy, titleOf, WIDE } from './layout.ts';

const SIDES = { higher: '▲', lower: '▼', neither: '' } as const;

/** On a logarithmic axis, where twice as much and half as much are equally far from 1. */
export function ratioPlots(report: RunReport): Plot[] {
  const ratios = ratiosAgainstRivals(report);
  const groups = [...new Set(ratios.map(({ key }) => key.split('/')[0] ?? ''))];
  return groups.map((group) =>
    plotOf(
      group,
      ratios.filter(({ key }) => key.startsWith(`${group}/`)),
    ),
  );
}

function plotOf(group: string, ratios: readonly Ratio[]): Plot {
  const values = ratios.map(({ rival, title, better, estimate }) => ({
    ...{ name: rival, ratio: estimate.value, low: estimate.interval?.low, high: estimate.interval?.high },
    label: `${title} ${SIDES[better]}`,
  }));
  const intervals = values.filter(({ low }) => low !== undefined);
  const title = `Barrage against rivals: ${ratios[0]?.group ?? group}`;
  const x = { type: 'quantitative', title: 'Barrage / rival', scale: { type: 'log' } } as const;
  const y = {
    field: 'label',
    type: 'nominal',
    title: null,
    sort: values.map(({ label }) => label),
    axis: { labelLimit: 460, ticks: false, grid: true },
  } as const;
  const encoding = { y, yOffset: { field: 'name' }, ...colorBy(values.map(({ name }) => name)) } as const;
  const axis = { format: '~r', labelExpr: "datum.label ? datum.label + 'x' : ''" };
  return {
    ...{ key: `${group}-ratios`, kind: 'ratios', title },
    spec: {
      ...WIDE,
      width: 360,
      height: { step: 18 },
      title: titleOf(title, '▲ higher is better, ▼ lower is better; with the 95% interval over repetitions'),
      data: { values },
      layer: [
        {
          data: { values: [{}] },
          mark: { type: 'rule', strokeDash: [4, 4], color: '#52606d' },
          encoding: { x: { datum: 1 } },
        },
        ...(intervals.length === 0
          ? []
          : [
              {
                data: { values: intervals },
                mark: { type: 'rule', strokeWidth: 2 } as const,
                encoding: { ...encoding, x: { ...x, field: 'low' }, x2: { field: 'high' } },
              },
            ]),
        {
          mark: { type: 'point', filled: true, size: 70, opacity: 1 },
          encoding: { ...encoding, x: { ...x, field: 'ratio', axis } },
        },
      ],
    },
  };
}
