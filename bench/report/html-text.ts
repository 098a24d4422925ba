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

/** A table whose words are at the left and whose numbers are at the right; empty without rows. */
export function htmlTable({ columns, rows, words }: Table): string {
  if (rows.length === 0) return '';
  const cell = (tag: 'td' | 'th') => (text: string, i: number) =>
    `<${tag}${i < words ? '' : ' class="n"'}>${tag === 'td' ? markVerdict(text) : escapeHtml(text)}</${tag}>`;
  const row = (cells: readonly string[], i: number) => {
    // The conditions stand once over the rows that share them.
    const repeats = i > 0 && words > 1 && rows[i - 1]?.[0] === cells[0];
    const shown = repeats ? ['', ...cells.slice(1)] : cells;
    return `<tr${repeats ? '' : ' class="first"'}>${shown.map(cell('td')).join('')}</tr>`;
  };
  return [
    '<div class="table"><table>',
    `<thead><tr>${columns.map(cell('th')).join('')}</tr></thead>`,
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
  [/^(not measured|cannot be judged|within noise|one repetition|no difference beyond noise)\b/, 'dim'],
];

/** A cell that begins with a verdict has it in its colour. */
function markVerdict(text: string): string {
  for (const [pattern, mark] of MARKS) {
    const verdict = pattern.exec(text)?.[0];
    if (verdict !== undefined) {
      return `<span class="${mark}">${escapeHtml(verdict)}</span>${escapeHtml(text.slice(verdict.length))}`;
    }
  }
  return escapeHtml(text);
}
