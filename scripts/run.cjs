// The front door of `npm start|test|run bench|run setup|run check|run format`: finds or fetches Node 24, lets
// setup/main.ts bring in everything else, then runs the real entry. Itself it must run on Node 12: plain ES2018.
'use strict';

const path = require('path');
const { ensureNode } = require('./setup/node.cjs');
const { runNode } = require('./setup/child.cjs');

const root = path.dirname(__dirname);

// What runs after set-up, relative to the project; `null` where set-up is all there is.
const ENTRIES = {
  start: ['server/main.ts'],
  test: ['scripts/checks/main.ts'],
  bench: ['bench/main.ts'],
  check: ['scripts/checks/main.ts', '--check-only'],
  format: ['node_modules/@biomejs/biome/bin/biome', 'check', '--write'],
  setup: null,
};

async function main() {
  const command = process.argv[2];
  const args = process.argv.slice(3);
  if (!Object.keys(ENTRIES).includes(command)) {
    throw new Error(`usage: node scripts/run.cjs ${Object.keys(ENTRIES).join('|')} [arguments]`);
  }
  const node = await ensureNode();
  const env = Object.assign({}, process.env);
  env.PATH = path.dirname(node) + path.delimiter + (env.PATH || '');
  // Node's own fetch ignores HTTP_PROXY and HTTPS_PROXY unless told so at start.
  if (env.HTTPS_PROXY || env.https_proxy) env.NODE_USE_ENV_PROXY = env.NODE_USE_ENV_PROXY || '1';

  const setup = await runNode(node, [path.join(__dirname, 'setup', 'main.ts'), command].concat(args), {
    cwd: root,
    env,
  });
  if (setup.code !== 0) return setup.code;
  const entry = ENTRIES[command];
  if (entry === null) return 0;
  Object.assign(env, setup.message);
  const follow = ['--import', path.join(__dirname, 'setup', 'follow-parent.ts')];
  const result = await runNode(node, follow.concat(path.join(root, entry[0]), entry.slice(1), args), {
    cwd: root,
    env,
  });
  return result.code;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(`\n[setup] cannot go on: ${error.message}`);
    process.exitCode = 1;
  },
);
