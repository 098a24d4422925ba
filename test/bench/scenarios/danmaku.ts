// Small runs of the danmaku scenario, against a real server and the plain ws loop.
import t from 'tap';
import type { Measurement } from '../../../bench/measurement.ts';
import { RIVALS } from '../../../bench/rivals/rivals.ts';
import { runScenario } from '../../../bench/run.ts';
import { danmaku } from '../../../bench/scenarios/danmaku.ts';

const SMALL = { viewers: '20', senders: '5', idle: '30', transport: 'websocket' };

function find<T extends { readonly key: string }>(all: readonly T[], key: string): T {
  const found = all.find((one) => one.key === key);
  if (!found) throw new Error(`nothing has the key ${key}`);
  return found;
}

t.test('a run against a rival has every group and figure it promises, and nothing is lost', async (t) => {
  const { subjects, groups, finished } = await runScenario(danmaku, {
    options: SMALL,
    quick: true,
    repetitions: 1,
    against: RIVALS.filter(({ name }) => name === 'ws'),
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  t.equal(finished, 'complete', subjects.map(({ detail }) => detail).join(' '));
  const keysOf = (subject: string) =>
    groups.filter((group) => group.subject === subject).map(({ key }) => key);
  const both = ['websocket', 'websocket-overload', 'idle'];
  t.same(keysOf('barrage'), [...both, 'commands', 'commands-half', 'thinning', 'generator']);
  t.same(keysOf('ws'), both);
  const ours = groups.filter(({ subject }) => subject === 'barrage');
  for (const name of danmaku.figures ?? []) {
    const [groupKey = '', measurementKey = ''] = name.replace(/:.*/, '').split('/');
    if (groupKey === 'datachannel' || groupKey === '*') continue;
    const measured: readonly Pick<Measurement, 'key'>[] = find(ours, groupKey).measurements;
    t.ok(find(measured, measurementKey), name);
  }
  for (const group of groups.filter(({ key }) => key.startsWith('websocket') || key === 'thinning')) {
    t.match(find(group.measurements, 'lost'), { value: 0 }, `${group.subject} ${group.key}`);
  }
  const thinned = find(find(ours, 'thinning').measurements, 'thinned');
  t.ok(thinned.kind === 'figure' && thinned.value > 0, 'what is too much is left out, and said to be');
});

t.test('an interrupted run reports what it came to', async (t) => {
  const controller = new AbortController();
  const { groups, finished } = await runScenario(danmaku, {
    options: { ...SMALL, seconds: '60' },
    quick: true,
    repetitions: 1,
    against: [],
    signal: controller.signal,
    progress: (text) => {
      if (text.includes('danmaku a second to')) setImmediate(() => controller.abort());
    },
  });
  t.equal(finished, 'interrupted');
  t.same(
    groups.map(({ key }) => key),
    ['websocket'],
  );
});

t.test('options that make no sense are named before anything starts', async (t) => {
  t.throws(() => danmaku.checkOptions({ viewers: '0' }), { message: /--viewers .*"0"/ });
  t.throws(() => danmaku.checkOptions({ transport: 'pigeon' }), { message: /--transport .*"pigeon"/ });
  t.throws(() => danmaku.checkOptions({ chars: '5' }), { message: /--chars .*"5"/ });
});
