// Covers scripts/setup/run-command.ts and progress.ts: commands that fail, and commands cut short.
import t from 'tap';
import { processIdentity } from '../../../scripts/setup/process-identity.ts';
import { beginStep, formatElapsed } from '../../../scripts/setup/progress.ts';
import { CommandError, runCommand } from '../../../scripts/setup/run-command.ts';

const quiet = { signal: new AbortController().signal, recordChild: () => undefined };

t.test('passes every line on and resolves when the command succeeds', async (t) => {
  const lines: string[] = [];
  await runCommand(quiet, ['sh', '-c', 'echo out; echo err >&2'], { onLine: (line) => lines.push(line) });
  t.same(lines.sort(), ['err', 'out']);
});

t.test('a failure tells the exit code and the last lines', async (t) => {
  await t.rejects(runCommand(quiet, ['sh', '-c', 'echo the reason >&2; exit 3']), {
    constructor: CommandError,
    summary: 'sh ended with 3',
    message: /the reason/,
  });
});

t.test('a program that does not exist is a failure like any other', async (t) => {
  await t.rejects(runCommand(quiet, ['no-such-program-anywhere']), CommandError);
});

t.test('an interruption ends the command with all its children', async (t) => {
  const interrupted = new AbortController();
  const recorded: (number | undefined)[] = [];
  let grandchild = 0;
  const running = runCommand(
    { signal: interrupted.signal, recordChild: (pid) => recorded.push(pid) },
    ['sh', '-c', 'sleep 1000 & echo $!; wait'],
    {
      onLine: (line) => {
        grandchild = Number(line);
        interrupted.abort();
      },
    },
  );
  await t.rejects(running, { name: 'AbortError' });
  t.equal(processIdentity(grandchild), undefined);
  t.match(recorded, [Number, undefined], 'the group was written down and crossed out');
});

t.test('a step says what it does and how long it took', async (t) => {
  const lines: string[] = [];
  const step = beginStep('worker', 'building', (line) => lines.push(line));
  step.note('on the way');
  step.done();
  t.match(lines, [
    '[setup] worker: building\n',
    '[setup] worker: on the way\n',
    /^\[setup\] worker: done in \d+ s\n$/,
  ]);
});

t.test('writes times as people say them', async (t) => {
  t.same([0, 59_999, 72_500].map(formatElapsed), ['0 s', '59 s', '1 min 12 s']);
});
