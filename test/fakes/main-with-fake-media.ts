// The server's process with a fake media plane: what server/main.ts is, for tests of signals and exit codes.
import { runCli } from '../../server/cli.ts';
import { FakeMediaPlane } from './fake-live.ts';

const code = await runCli({
  args: process.argv.slice(2),
  env: process.env,
  version: '0.0.0',
  createMediaPlane: async () => new FakeMediaPlane(),
  prepareWeb: async () => '/nonexistent',
  print: (text) => process.stdout.write(text),
  printError: (text) => process.stderr.write(text),
  signals: process,
});
process.stdout.write('', () => process.exit(code));
