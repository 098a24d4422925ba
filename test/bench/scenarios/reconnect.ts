// A small storm against the real server: everyone comes back and the books balance, through every mode.
import t from 'tap';
import type { MeasurementGroup } from '../../../bench/measurement.ts';
import { OptionError } from '../../../bench/option-values.ts';
import { BARRAGE, type OptionValues } from '../../../bench/scenario.ts';
import { reconnect } from '../../../bench/scenarios/reconnect.ts';

const DEADLINE_MS = 60_000;

async function storm(options: OptionValues): Promise<ReadonlyMap<string, MeasurementGroup>> {
  const groups = new Map<string, MeasurementGroup>();
  await reconnect.run({
    ...{ options, subject: BARRAGE, quick: true, signal: AbortSignal.timeout(DEADLINE_MS) },
    ...{ progress: () => undefined, noteVersion: () => undefined },
    report: (group) => groups.set(group.key, group),
  });
  return groups;
}

function figure(group: MeasurementGroup | undefined, key: string): number | undefined {
  const found = group?.measurements.find((measurement) => measurement.key === key);
  return found?.kind === 'figure' ? found.value : undefined;
}

t.test('viewers cut off resume with everything they missed, once', async (t) => {
  const groups = await storm({
    viewers: '20',
    media: '1',
    mode: 'drop,kill,worker',
    'outage-s': '0.5',
    rate: '20',
  });
  t.same([...groups.keys()], ['join', 'drop', 'kill', 'worker']);
  const drop = groups.get('drop');
  for (const key of ['notBack', 'unseen', 'saidGone', 'duplicates', 'renumbered', 'valueMissed']) {
    t.equal(figure(drop, key), 0, key);
  }
  t.match(drop?.notes[1], /^20 of 20 viewers lost, 20 back, 20 of them with everything missed \([1-9]/);
  const kill = groups.get('kill');
  for (const key of ['notBack', 'duplicates', 'renumbered', 'valueMissed'])
    t.equal(figure(kill, key), 0, key);
  t.ok((figure(kill, 'down') ?? 0) > 0);
  t.ok(kill?.measurements.some(({ key }) => key === 'mediaBack'));
  const worker = groups.get('worker');
  t.equal(figure(worker, 'mediaMissing'), 0);
  t.ok(worker?.measurements.some(({ key }) => key === 'mediaBack'));
});

t.test('an outage longer than the history says what is gone', async (t) => {
  const groups = await storm({ viewers: '5', media: '0', mode: 'drop', 'outage-s': '3', rate: '450' });
  const drop = groups.get('drop');
  t.equal(figure(drop, 'notBack'), 0);
  t.equal(figure(drop, 'unseen'), 0);
  t.ok((figure(drop, 'saidGone') ?? 0) > 0, 'more than the 1000 events a hello brings');
});

t.test('pictures come again when ffmpeg is killed', async (t) => {
  const group = (await storm({ media: '1', mode: 'ffmpeg' })).get('ffmpeg');
  t.equal(figure(group, 'mediaMissing'), 0);
  t.match(group?.title, /^SIGKILL to [1-9]/);
  t.ok(group?.notes.includes('A new ffmpeg took over.'));
});

t.test('options that make no sense are refused, naming them', async (t) => {
  const check = (options: OptionValues) => () => reconnect.checkOptions(options);
  t.throws(
    check({ mode: 'sleep' }),
    new OptionError('--mode takes drop, restart, kill, worker, ffmpeg, not "sleep"'),
  );
  t.throws(check({ target: 'http://127.0.0.1:1', mode: 'kill' }), { message: /--mode kill needs a server/ });
  t.throws(check({ mode: 'worker', media: '0' }), { message: /--media takes a number above 0/ });
  t.throws(check({ viewers: '0' }), { message: /--viewers takes a whole number from 1 to 20000/ });
  t.doesNotThrow(check({ target: 'http://127.0.0.1:1' }));
});
