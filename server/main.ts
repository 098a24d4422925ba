// The entry of `npm start`: the real process around cli.ts.
import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
// Compiling is most of a start, and a restart is time without a server. Where the folder cannot be written nothing
// is kept. Modules imported before this line would be compiled anew each time.
enableCompileCache(join(root, 'node_modules', '.cache', 'compile'));
const { buildWeb } = await import('../web/build.ts');
const { runCli } = await import('./cli.ts');
const { createMediaPlane } = await import('./wire-media.ts');
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
