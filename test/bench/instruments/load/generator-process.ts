// A real generator process: calls, errors, its load, its end.
import path from 'node:path';
import t from 'tap';
import { describeSaturation } from '../../../../bench/instruments/load/generator-load.ts';
import { GeneratorProcess } from '../../../../bench/instruments/load/generator-process.ts';
import type { EchoMethods } from '../../../support/echo-generator.ts';

const MODULE = path.join(import.meta.dirname, '../../../support/echo-generator.ts');

t.test('calls are answered, errors come over, and the process ends with its owner', async (t) => {
  const generator = await GeneratorProcess.start<EchoMethods>(MODULE);
  t.same(await generator.call('echo', { text: 'hello', bytes: new Uint8Array([1, 2]) }), {
    text: 'hello',
    bytes: new Uint8Array([1, 2]),
  });
  await t.rejects(generator.call('fail', undefined), { message: 'as asked' });
  const { pid } = generator;
  await generator[Symbol.asyncDispose]();
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  await t.rejects(generator.call('echo', { text: '' }), { message: /gone/ });
});

t.test('a generator that is always busy is found saturated, an idle one is not', async (t) => {
  await using generator = await GeneratorProcess.start<EchoMethods>(MODULE);
  await generator.takeLoad();
  await generator.call('spin', { ms: 500 });
  t.match(describeSaturation(await generator.takeLoad()), /saturated/);
  await generator.call('idle', { ms: 500 });
  t.equal(describeSaturation(await generator.takeLoad()), undefined);
});

t.test('a generator that dies fails the calls that wait for it', async (t) => {
  await using generator = await GeneratorProcess.start<EchoMethods>(MODULE);
  await t.rejects(generator.call('exit', undefined), { message: /the load generator ended/ });
});

t.test('a generator stays, also when the bench was started as `npm run` does', async (t) => {
  const preload = path.join(import.meta.dirname, '../../../../scripts/setup/follow-parent.ts');
  const before = [...process.execArgv];
  process.execArgv.push(`--import=${preload}`);
  t.teardown(() => process.execArgv.splice(0, process.execArgv.length, ...before));
  await using generator = await GeneratorProcess.start<EchoMethods>(MODULE);
  await generator.call('idle', { ms: 200 });
  t.match(await generator.call('echo', { text: 'still here' }), { text: 'still here' });
});
