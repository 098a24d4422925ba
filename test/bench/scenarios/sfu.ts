// The SFU scenario for real, but tiny: three viewers of this server, and of Janus where it is installed.
import t, { type Test } from 'tap';
import type { Figure, MeasurementGroup } from '../../../bench/measurement.ts';
import { RIVALS } from '../../../bench/rivals/rivals.ts';
import { BARRAGE, type ScenarioContext } from '../../../bench/scenario.ts';
import { sfu } from '../../../bench/scenarios/sfu.ts';

const OPTIONS = {
  ...{ viewers: '3', start: '3', seconds: '2', size: '640x360', kbps: '800' },
  // The machine that runs tests is slow at times: only what is counted is looked at.
  'max-delay': '10000',
};

async function runTiny(subject: string, over: Partial<ScenarioContext> = {}): Promise<MeasurementGroup[]> {
  const groups: MeasurementGroup[] = [];
  await sfu.run({
    ...{ options: OPTIONS, subject, quick: true, signal: new AbortController().signal },
    ...{ progress: () => undefined, noteVersion: () => undefined },
    report: (group) => groups.push(group),
    ...over,
  });
  return groups;
}

function figure(group: MeasurementGroup | undefined, key: string): number {
  const found = group?.measurements.find(
    (each): each is Figure => each.kind === 'figure' && each.key === key,
  );
  return found?.value ?? Number.NaN;
}

function samples(group: MeasurementGroup | undefined, key: string): number {
  const found = group?.measurements.find((each) => each.key === key);
  if (found?.kind !== 'distribution') return 0;
  return 'count' in found.values ? found.values.count : found.values.length;
}

function checkGroups(t: Test, groups: readonly MeasurementGroup[], forwarder: string): void {
  t.same(
    groups.map(({ key }) => key),
    ['knee', 'rated', 'join'],
  );
  const [knee, , join] = groups;
  t.equal(figure(knee, 'viewers'), 3);
  t.ok(figure(knee, 'packets') > 100, 'packets came');
  t.ok(Object.keys(knee?.cpu?.cpuSeconds ?? {}).includes(forwarder), 'the CPU of what forwards is known');
  t.ok(figure(knee, 'loss') < 50);
  t.ok(samples(knee, 'delayLast') > 90, 'pictures are recognised');
  t.equal(samples(join, 'join'), 3);
  t.ok((knee?.series?.length ?? 0) > 3);
}

t.test('three viewers of this server get its pictures, and are measured', async (t) => {
  checkGroups(t, await runTiny(BARRAGE), 'server/mediasoup-worker');
});

const missing = RIVALS.find(({ name }) => name === 'janus')?.findMissing();
t.test('so do those of Janus', { skip: missing ?? false }, async (t) => {
  checkGroups(t, await runTiny('janus'), 'server/janus');
});

t.test('two publishers share the viewers', async (t) => {
  const options = { ...OPTIONS, publishers: '2', generators: '2', viewers: '4', start: '4' };
  const [knee] = await runTiny(BARRAGE, { options });
  t.equal(figure(knee, 'viewers'), 4);
  t.ok(figure(knee, 'pictures') > 50);
});

t.test('wrong options are named with what they take', async (t) => {
  const check = (options: Record<string, string>) => () => sfu.checkOptions(options);
  t.throws(check({ publishers: 'two' }), { message: /--publishers takes a whole number.*"two"/ });
  t.throws(check({ 'max-loss': '-1' }), { message: /--max-loss takes a number above 0/ });
  t.throws(check({ target: 'http://127.0.0.1:1' }), { message: /--target needs --publish/ });
  const elsewhere = { target: 'http://127.0.0.1:1', publish: 'rtmp://127.0.0.1/live/x' };
  t.throws(check({ ...elsewhere, publishers: '2' }), { message: /one publisher/ });
});
