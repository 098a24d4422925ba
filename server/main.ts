// The entry of `npm start`: the real process around cli.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildWeb } from '../web/build.ts';
import { runCli } from './cli.ts';
import { createMediaPlane } from './wire-media.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const code = await runCli({
  args: process.argv.slice(2),
  env: process.env,
  version,
  createMediaPlane,
  prepareWeb: async () => {
    const outDir = join(root, 'web', 'dist');
    await buildWeb({ outDir });
    return outDir;
  },
  print: (text) => process.stdout.write(text),
  printError: (text) => process.stderr.write(text),
  signals: process,
});
// Whatever is still open after the shutdown, or was given up on, must not keep the process; what was printed into
// a pipe must get out first.
process.stdout.write('', () => process.exit(code));
