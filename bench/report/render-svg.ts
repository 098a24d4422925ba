// Turns a Vega-Lite specification into SVG, in Node and without a browser.
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

/** Families that every system has some of; SVG in a document cannot bring its own. */
const FONT = 'Inter, "Helvetica Neue", Helvetica, Arial, sans-serif';
const INK = '#1f2933';
const QUIET = '#52606d';
const LINE = '#e4e7eb';

/** Barrage's colour first; distinguishable with any colour vision (Okabe and Ito, 2008). */
export const COLORS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#d55e00',
  '#cc79a7',
  '#56b4e9',
  '#7f7f7f',
  '#8c6d31',
];

/** The look of every plot. */
const THEME: NonNullable<TopLevelSpec['config']> = {
  background: '#ffffff',
  // A description of every point would be most of the file; the plot has a title instead.
  aria: false,
  padding: 12,
  font: FONT,
  view: { stroke: null },
  title: { anchor: 'start', fontSize: 16, fontWeight: 600, color: INK, subtitleColor: QUIET, offset: 12 },
  axis: {
    ...{ labelColor: QUIET, titleColor: QUIET, labelFontSize: 12, titleFontSize: 13, titleFontWeight: 500 },
    ...{ gridColor: LINE, domainColor: '#9aa5b1', tickColor: '#9aa5b1', titlePadding: 8, labelPadding: 4 },
  },
  legend: {
    labelColor: INK,
    titleColor: QUIET,
    labelFontSize: 12,
    titleFontSize: 12,
    symbolStrokeWidth: 2.5,
  },
  range: { category: COLORS },
};

/** What Vega measures text with; it is meant to be replaced, but not in Vega's types (6.2). */
interface TextMetrics {
  width: (item: { readonly fontSize?: number }, text: unknown) => number;
}

// Without a canvas Vega takes each letter for 0.8 of the font's size and cuts labels that would fit; 0.56 is
// a little more than the mean of Helvetica.
(vega as unknown as { readonly textMetrics: TextMetrics }).textMetrics.width = (item, text) =>
  0.56 * (item.fontSize ?? 11) * String(text ?? '').length;

/** Throws when the specification is wrong. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const { spec: compiled } = compile(spec, { config: THEME });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logLevel: vega.Warn });
  try {
    return roundCoordinates(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Hundredths of a pixel are enough, and half the file. */
function roundCoordinates(svg: string): string {
  return svg.replace(/ (?:d|transform)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
  );
}
