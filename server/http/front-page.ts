// The two small pages that need no script: the list of live rooms, and "no such room". Pure.

/** A page that lists live rooms. */
export function renderRooms(rooms: readonly { readonly id: string; readonly title: string }[]): string {
  const items = rooms.map(
    (room) => `<li><a href="/watch/${encodeURIComponent(room.id)}">${escapeHtml(room.title)}</a></li>`,
  );
  const list = items.length > 0 ? `<ul>${items.join('')}</ul>` : '<p>Nothing is live at the moment.</p>';
  return renderPage('Barrage', `<h1>Live now</h1>${list}`);
}

/** A page that says that there is no such room. */
export function renderNotFound(room: string): string {
  const name = escapeHtml(room);
  return renderPage(
    'No such room',
    `<h1>No such room</h1><p>There is no room “${name}”. <a href="/">Live now</a></p>`,
  );
}

function renderPage(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="dark light"><title>${title}</title><style>body{font:1.1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}</style></head><body>${body}</body></html>\n`;
}

/** Text as it may stand in HTML, in attributes too. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] as string);
}
