// A bench with one scenario that is made up, does not end when it is told to, and has started processes: for the
// test of a second Ctrl-C.
import { spawn } from 'node:child_process';
import { listenForInterrupt } from '../../bench/commands/interrupt.ts';
import { runCommand } from '../../bench/commands/run-command.ts';

const code = await runCommand(
  {
    ...{ name: 'stubborn', summary: '', options: {}, help: {}, rivals: [] },
    checkOptions: () => undefined,
    run: async ({ progress }) => {
      spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
      progress('started');
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    },
  },
  process.argv.slice(2),
  listenForInterrupt(),
);
process.exit(code);
