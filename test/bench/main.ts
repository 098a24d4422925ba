// The bench command as a person meets it: lists, refuses what it does not know, says what is missing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t from 'tap';
import { findFreePorts } from '../../bench/instruments/free-ports.ts';

const MAIN = path.join(import.meta.dirname, '../../bench/main.ts');

async function bench(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await once(child, 'close');
  return { code: child.exitCode, output };
}

t.test('--list names every scenario with what it measures', async (t) => {
  const { code, output } = await bench('--list');
  t.equal(code, 0);
  t.match(output, /latency +glass to glass/);
  t.match(output, /sync +display error/);
});

t.test('an unknown scenario or option is refused with what there is', async (t) => {
  const scenario = await bench('latencee');
  t.equal(scenario.code, 2);
  t.match(scenario.output, /no scenario "latencee".*latency/s);
  const option = await bench('latency', '--second', '5');
  t.equal(option.code, 2);
  t.match(option.output, /--second.*--seconds/s);
});

t.test('a value out of range is refused with the option and what it takes', async (t) => {
  t.match(await bench('latency', '--seconds', 'soon'), { code: 2, output: /--seconds takes a whole number/ });
  t.match(await bench('latency', '--paths', 'whep,flv'), {
    code: 2,
    output: /--paths takes whep, hls, not "flv"/,
  });
  t.match(await bench('latency', '--size', 'big'), { code: 2, output: /--size takes WIDTHxHEIGHT/ });
});

t.test('a target that is down is named', async (t) => {
  const origin = `http://127.0.0.1:${await findFreePorts(1)}`;
  const { code, output } = await bench('latency', '--target', origin, '--publish', 'rtmp://127.0.0.1/live/x');
  t.equal(code, 1);
  t.match(output, new RegExp(`no server is ready at ${origin}`));
});
