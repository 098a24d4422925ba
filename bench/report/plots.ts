// Which plots a report has: of latency distributions, series, CPU and rivals. Each has a stable key, because
// docs/ link to the files.
import type { TopLevelSpec } from 'vega-lite';
import { cpuPlots } from './plots/cpu.ts';
import { distributionPlots } from './plots/distribution.ts';
import { ratioPlots } from './plots/ratio.ts';
import { seriesPlots } from './plots/series.ts';
import { renderSvg } from './render-svg.ts';
import type { RunReport } from './run-report.ts';

/** A plot as a Vega-Lite specification. */
export interface Plot {
  /** Letters, digits and hyphens. */
  readonly key: string;
  readonly kind: PlotKind;
  readonly title: string;
  readonly spec: TopLevelSpec;
}

/** What a plot shows. */
export type PlotKind = 'series' | 'distribution' | 'cpu' | 'ratios';

/** A plot as an SVG element. */
export interface RenderedPlot {
  readonly key: string;
  readonly kind: PlotKind;
  readonly title: string;
  readonly svg: string;
}

/** Every plot that the report has data for. */
export function plotsOf(report: RunReport): Plot[] {
  const plots = [
    ...seriesPlots(report),
    ...distributionPlots(report),
    ...cpuPlots(report),
    ...ratioPlots(report),
  ];
  return plots.map((plot) => ({ ...plot, key: toFileName(plot.key) }));
}

/** Every plot, drawn. */
export async function renderPlots(report: RunReport): Promise<RenderedPlot[]> {
  return Promise.all(
    plotsOf(report).map(async ({ spec, ...plot }) => ({ ...plot, svg: await renderSvg(spec) })),
  );
}

/** `afterEncoder` becomes `after-encoder`. */
function toFileName(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
