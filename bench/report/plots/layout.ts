// Size, titles and colours that the plots of a report share.
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

/** Characters of a title and of a subtitle that fit above the plot. */
const TITLE_CHARS = 56;
const SUBTITLE_CHARS = 76;

/** A title in as many lines as it takes: a longer one would make the whole plot smaller. */
export function titleOf(text: string, subtitle?: string) {
  return {
    text: wrap(text, TITLE_CHARS),
    ...(subtitle === undefined ? {} : { subtitle: wrap(subtitle, SUBTITLE_CHARS) }),
  };
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
