// The shell of every page of the bench: one file that needs nothing else, no scripts, no network.
import { STYLE } from './html-style.ts';
import { escapeHtml } from './html-text.ts';

/** A page; `content` is HTML already, empty pieces are left out. */
export function htmlPage(title: string, content: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    `<body><main>${content.filter(Boolean).join('\n')}</main></body>`,
    '</html>\n',
  ].join('\n');
}
