// The build's output: names, references, and that it is skipped and repeated when it should be.
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { buildWeb } from '../../web/build.ts';

t.test('pages refer only to files that were built, and to no other host', async (t) => {
  const outDir = t.testdir();
  await buildWeb({ outDir });
  const page = await readFile(join(outDir, 'watch.html'), 'utf8');
  const references = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1] ?? '');
  t.equal(references.length, 2);
  for (const path of references) {
    t.match(path, /^\/assets\/[a-z-]+-[A-Z0-9]{8}\.(js|css)$/);
    await t.resolves(stat(join(outDir, path)));
  }
  t.notMatch(page, /https?:\/\/(?!www\.w3\.org)/);
  t.notMatch(page, /<script(?![^>]*src=)|<style|\son[a-z]+="/, 'nothing inline that the page policy forbids');
  for (const name of await readdir(join(outDir, 'assets'))) {
    if (!name.endsWith('.css')) continue;
    t.notMatch(await readFile(join(outDir, 'assets', name), 'utf8'), /@import|url\((?!data:)/);
  }
});

t.test('the SDK has a name that other pages can rely on, and its imports exist', async (t) => {
  const outDir = t.testdir();
  await buildWeb({ outDir, minify: false });
  const sdk = await readFile(join(outDir, 'assets', 'barrage-sdk.js'), 'utf8');
  t.match(sdk, /RoomClient/);
  for (const [, chunk] of sdk.matchAll(/from "(\.\/[^"]+)"/g))
    await t.resolves(stat(join(outDir, 'assets', chunk ?? '')));
});

t.test('a second build with the same sources does nothing, a changed option builds anew', async (t) => {
  const outDir = t.testdir();
  await buildWeb({ outDir });
  const marked = join(outDir, 'assets', 'marker.txt');
  await writeFile(marked, '');
  await buildWeb({ outDir });
  await t.resolves(stat(marked), 'left alone');
  await buildWeb({ outDir, minify: false });
  await t.rejects(stat(marked), 'what is not of this build is removed');
});

t.test('a build that was interrupted is done again', async (t) => {
  const outDir = t.testdir();
  await buildWeb({ outDir });
  await rm(join(outDir, '.build-stamp'));
  await rm(join(outDir, 'watch.html'));
  await buildWeb({ outDir });
  await t.resolves(stat(join(outDir, 'watch.html')));
});
