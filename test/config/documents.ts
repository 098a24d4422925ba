// The sample, the reference and the help are true to the schema.
import { join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { renderHelp, renderSample } from '../../config/documents.ts';
import { loadConfig } from '../../config/load.ts';
import { settings } from '../../config/settings.ts';

t.test('the sample is accepted as it is and changes nothing', async (t) => {
  const file = join(t.testdir({ 'sample.yaml': renderSample() }), 'sample.yaml');
  t.same(loadConfig({ file }), loadConfig());
});

t.test('the sample with its settings uncommented still means the defaults', async (t) => {
  const text = renderSample().replaceAll(/^( *)# ([a-z]\w*: .+)$/gm, '$1$2');
  const file = join(t.testdir({ 'sample.yaml': text }), 'sample.yaml');
  t.ok(Object.keys(parse(text)).length > 10);
  t.same(loadConfig({ file }), loadConfig());
});

t.test('every setting says what it is for', async (t) => {
  for (const { path, node } of settings) t.ok(node.description, path.join('.'));
});

t.test('the help names every setting', async (t) => {
  const help = renderHelp();
  for (const { path } of settings) t.ok(help.includes(`--${path.join('.')}`), path.join('.'));
});
