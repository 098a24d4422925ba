// Makes HTML from text: everything that goes into a page passes through here.
import type { Table } from './report-tables.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand between tags and in attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Cells as short as this keep to one line. */
const UNBROKEN_CHARS = 20;

/** A table whose words are at the left and whose numbers are at the right; empty without rows. */
export function htmlTable({ columns, rows, numeric: [first, last] }: Table): string {
  if (rows.length === 0) return '';
  const isNumeric = (column: number) => column >= first && column <= last;
  const classOf = (text: string, column: number) => {
    if (isNumeric(column)) return ' class="n"';
    return text.length > 0 && text.length <= UNBROKEN_CHARS && text.includes(' ') ? ' class="whole"' : '';
  };
  const cell = (text: string, column: number) =>
    `<td${classOf(text, column)}>${markUp(text, isNumeric(column))}</td>`;
  const heading = (text: string, column: number) =>
    `<th${isNumeric(column) ? ' class="n"' : ''}>${escapeHtml(text)}</th>`;
  const row = (cells: readonly string[], i: number) => {
    // The conditions stand once over the rows that share them.
    const repeats = i > 0 && columns.length > 2 && rows[i - 1]?.[0] === cells[0];
    const shown = repeats ? ['', ...cells.slice(1)] : cells;
    return `<tr${repeats ? '' : ' class="first"'}>${shown.map(cell).join('')}</tr>`;
  };
  return [
    '<div class="table"><table>',
    `<thead><tr>${columns.map(heading).join('')}</tr></thead>`,
    `<tbody>${rows.map(row).join('\n')}</tbody>`,
    '</table></div>',
  ].join('\n');
}

/** A list; empty without items. */
export function htmlList(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
}

const MARKS: readonly (readonly [RegExp, string])[] = [
  [/^(reached|better)\b/, 'good'],
  [/^(missed|regression|worse)\b/, 'bad'],
  [
    /^(not measured|cannot be judged|within noise|unchanged|one repetition|no difference beyond noise)\b/,
    'dim',
  ],
];

/** A cell that begins with a verdict has it in its colour; a number's interval stands small below it. */
function markUp(text: string, isNumeric: boolean): string {
  const interval = isNumeric ? /^(\S+) \((.+ to .+)\)$/.exec(text) : null;
  if (interval) {
    const [, value = '', range = ''] = interval;
    return `${escapeHtml(value)}<span class="interval">${escapeHtml(range)}</span>`;
  }
  for (const [pattern, mark] of MARKS) {
    const verdict = pattern.exec(text)?.[0];
    if (verdict !== undefined) {
      return `<span class="${mark}">${escapeHtml(verdict)}</span>${escapeHtml(text.slice(verdict.length))}`;
    }
  }
  return escapeHtml(text);
}
