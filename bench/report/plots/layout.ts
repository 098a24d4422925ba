// Size and colours that the plots of a report share.
import { COLORS } from '../render-svg.ts';

/** A plot as wide as a page of text. */
export const WIDE = {
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  width: 520,
  height: 260,
} as const;

/** Colours by the field `name`, in the order of `names`; the legend below, and none for a single name. */
export function colorBy(names: readonly string[]) {
  const domain = [...new Set(names)];
  const longest = Math.max(...domain.map(({ length }) => length));
  // As many in a row as fit below the plot.
  const columns = Math.max(1, Math.floor(WIDE.width / (longest * 7 + 40)));
  const legend = { orient: 'bottom', title: null, columns, labelLimit: 480, symbolType: 'stroke' } as const;
  return {
    color: {
      field: 'name',
      type: 'nominal',
      scale: { domain, range: domain.map((_, i) => COLORS[i % COLORS.length] ?? 'black') },
      legend: domain.length > 1 ? legend : null,
    },
  } as const;
}
