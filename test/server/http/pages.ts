// Pages, assets and status over real HTTP.
import t from 'tap';
import { escapeHtml } from '../../../server/http/front-page.ts';
import { startTestApp } from '../../support/test-app.ts';

t.test('the watch page loads nothing from elsewhere', async (t) => {
  const { origin } = await startTestApp(t);
  const response = await fetch(`${origin}/watch/demo`);
  t.equal(response.status, 200);
  t.match(response.headers.get('content-type'), /^text\/html/);
  const policy = response.headers.get('content-security-policy')!;
  t.match(policy, /default-src 'none'/);
  t.notMatch(policy, /https?:|\*/);
  t.equal(response.headers.get('x-content-type-options'), 'nosniff');
  t.match(await response.text(), /<title>watch/);
});

t.test('a room that does not exist has a page that says so', async (t) => {
  const { origin } = await startTestApp(t);
  const response = await fetch(`${origin}/watch/${encodeURIComponent('<b>x')}`);
  t.equal(response.status, 404);
  t.match(await response.text(), /&lt;b&gt;x/);
});

t.test('the front page lists what is live and not private', async (t) => {
  const { origin, media, api } = await startTestApp(t);
  t.match(await (await fetch(origin)).text(), /Nothing is live/);
  for (const id of ['open', 'closed']) {
    await api('POST', '/rooms', { id, title: `<${id}>`, settings: { private: id === 'closed' } });
    media.getRoom(id).setInfo({ state: 'live', sinceMs: 1, layers: [] });
  }
  const html = await (await fetch(origin)).text();
  t.match(html, '<a href="/watch/open">&lt;open&gt;</a>');
  t.notMatch(html, /closed/);
});

t.test('assets with a hash in their name may be kept for ever, others not', async (t) => {
  const { origin } = await startTestApp(t);
  const hashed = await fetch(`${origin}/assets/main-ABCDEF12.js`);
  t.equal(hashed.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  t.match(hashed.headers.get('content-type'), /javascript/);
  const plain = await fetch(`${origin}/assets/barrage-sdk.js`);
  t.equal(plain.headers.get('cache-control'), 'no-cache');
  t.equal(plain.headers.get('access-control-allow-origin'), '*');
  t.equal((await fetch(`${origin}/assets/nothing.js`)).status, 404);
  t.equal((await fetch(`${origin}/assets/..%2fwatch.html`)).status, 404);
  t.match((await fetch(`${origin}/sdk.js`)).url, /\/assets\/barrage-sdk\.js$/);
});

t.test('health, readiness and metrics are told', async (t) => {
  const { origin, media, app } = await startTestApp(t);
  t.equal((await fetch(`${origin}/healthz`)).status, 200);
  t.equal((await fetch(`${origin}/readyz`)).status, 200);
  media.problems = ['no worker'];
  const unready = await fetch(`${origin}/readyz`);
  t.equal(unready.status, 503);
  t.match(await unready.json(), { reasons: ['no worker'] });
  media.problems = [];
  await app.drain();
  t.match(await (await fetch(`${origin}/readyz`)).json(), { reasons: ['draining'] });
  t.equal((await fetch(`${origin}/healthz`)).status, 200);
});

t.test('text is escaped for HTML', async (t) => {
  t.equal(escapeHtml(`<a href="x" title='&'>`), '&lt;a href=&quot;x&quot; title=&#39;&amp;&#39;&gt;');
});
