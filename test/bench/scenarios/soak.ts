// Some seconds of mixed load on the real server, whole and cut off in the middle.
import t from 'tap';
import type { MeasurementGroup } from '../../../bench/measurement.ts';
import { BARRAGE, type OptionValues } from '../../../bench/scenario.ts';
import { soak } from '../../../bench/scenarios/soak.ts';

const SMALL: OptionValues = {
  visitors: '5',
  players: '1',
  media: '1',
  'sample-s': '0.5',
  'rehearsal-s': '1',
};

async function run(options: OptionValues, onProgress: (text: string) => void, signal: AbortSignal) {
  const groups: MeasurementGroup[] = [];
  await soak.run({
    ...{ options: { ...SMALL, ...options }, subject: BARRAGE, quick: true, signal },
    ...{ progress: onProgress, noteVersion: () => undefined, report: (group) => groups.push(group) },
  });
  return groups;
}

function figure(group: MeasurementGroup | undefined, key: string): number | undefined {
  const found = group?.measurements.find((measurement) => measurement.key === key);
  return found?.kind === 'figure' ? found.value : undefined;
}

t.test('everybody comes and goes, nothing is lost, nothing is left', async (t) => {
  const [group] = await run({ minutes: '0.06' }, () => undefined, AbortSignal.timeout(60_000));
  for (const key of ['valueMissed', 'unseen', 'duplicates', 'likesOff', 'lostSockets', 'publisherLosses'])
    t.equal(figure(group, key), 0, key);
  for (const key of ['descriptors-left', 'udpSockets-left', 'tcpConnected-left', 'processes-left'])
    t.ok((figure(group, key) ?? 1) <= 0, `${key} ${figure(group, key)}`);
  const series = new Map(group?.series?.map(({ key, points }) => [key, points.length]));
  for (const key of ['memory-node', 'memory-mediasoup-worker', 'heap', 'descriptors', 'eventLoopMax'])
    t.ok((series.get(key) ?? 0) > 1, key);
  t.match(group?.notes.join('\n'), /slopes and drift mean nothing/);
  t.match(group?.notes.join('\n'), /danmaku sent [1-9]\d*, acknowledged [1-9]\d*; likes [1-9]/);
});

t.test('a run that is cut off reports what it has', async (t) => {
  const cut = new AbortController();
  const onProgress = (text: string) => {
    if (/visitors gone/.test(text)) cut.abort();
  };
  const [group] = await run({ minutes: '10' }, onProgress, cut.signal);
  t.ok((figure(group, 'memory-node-peak') ?? 0) > 0);
  t.equal(figure(group, 'descriptors-left'), undefined);
  t.match(group?.notes.join('\n'), /Cut off before everybody had left/);
});

t.test('options that make no sense are refused, naming them', async (t) => {
  t.throws(() => soak.checkOptions({ minutes: '0' }), {
    message: /--minutes takes a number above 0, not "0"/,
  });
  t.throws(() => soak.checkOptions({ players: '1.5' }), { message: /--players takes a whole number/ });
});
