// Covers scripts/setup/node.cjs and child.cjs: what an old Node meets first.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { cacheDir as cacheDirHere } from '../../../scripts/setup/paths.ts';

const scripts = join(import.meta.dirname, '../../../scripts');
const require = createRequire(import.meta.url);
const node = require('../../../scripts/setup/node.cjs') as {
  cacheDir: () => string;
  ensureNode: () => Promise<string>;
  isNewEnough: (version: string) => boolean;
};

t.test('knows which Node is new enough', async (t) => {
  for (const version of ['v12.22.9', 'v20.20.2', 'v23.11.0', 'v24.1.0'])
    t.notOk(node.isNewEnough(version), version);
  for (const version of ['v24.2.0', 'v24.21.0', '25.0.0']) t.ok(node.isNewEnough(version), version);
});

t.test('uses the running Node when that is new enough', async (t) => {
  t.equal(await node.ensureNode(), process.execPath);
});

t.test('both halves of set-up agree on the cache folder', async (t) => {
  t.equal(node.cacheDir(), cacheDirHere());
});

t.test('what runs before Node 24 is there keeps to the syntax and modules of Node 12', async (t) => {
  const files = [
    join(scripts, 'run.cjs'),
    ...readdirSync(join(scripts, 'setup')).filter(isCommonJs).map(inSetup),
  ];
  for (const file of files) {
    const code = readFileSync(file, 'utf8').replace(/^\s*\/\/.*$/gm, '');
    t.notMatch(code, /\?\.[\w([]|\?\?|\|\|=|&&=|'node:|Object\.hasOwn|replaceAll|\.at\(/, file);
  }
});

t.test(
  'hands a signal that comes twice in a row, as from a terminal and from npm, to the child once',
  async (t) => {
    const child = join(t.testdir({ 'child.cjs': COUNTING_CHILD }), 'child.cjs');
    const parent = spawn(process.execPath, ['-e', PARENT, join(scripts, 'setup', 'child.cjs'), child], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    parent.stdout.on('data', (chunk) => {
      output += chunk;
      if (output === 'ready\n') {
        parent.kill('SIGTERM');
        setImmediate(() => parent.kill('SIGTERM'));
      }
    });
    const [code] = await once(parent, 'close');
    t.equal(output, 'ready\nSIGTERM\n');
    t.equal(code, 7, 'and the exit code of the child comes back');
  },
);

function isCommonJs(name: string): boolean {
  return name.endsWith('.cjs');
}

function inSetup(name: string): string {
  return join(scripts, 'setup', name);
}

const PARENT = `
const { runNode } = require(process.argv[1]);
runNode(process.execPath, [process.argv[2]], { env: process.env }).then(({ code }) => { process.exitCode = code; });
`;

// Ends a while after the first SIGTERM, so that a second one would still be seen.
const COUNTING_CHILD = `
process.on('SIGTERM', () => {
  console.log('SIGTERM');
  setTimeout(() => process.exit(7), 200);
});
setInterval(() => {}, 1e6);
console.log('ready');
`;
