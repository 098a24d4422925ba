// A tiny run of the ingest scenario against a real server; its rival has a test of its own.
import t from 'tap';
import type { Figure, MeasurementGroup } from '../../../bench/measurement.ts';
import { BARRAGE, type ScenarioContext } from '../../../bench/scenario.ts';
import { ingest } from '../../../bench/scenarios/ingest.ts';

async function runIngest(options: ScenarioContext['options']): Promise<MeasurementGroup[]> {
  const groups: MeasurementGroup[] = [];
  await ingest.run({
    ...{ options, subject: BARRAGE, quick: true, signal: new AbortController().signal },
    progress: () => undefined,
    report: (group) => groups.push(group),
    noteVersion: () => undefined,
  });
  return groups;
}

function figure(group: MeasurementGroup | undefined, key: string): number {
  const measurements = group?.measurements ?? [];
  return (measurements.find((one) => one.key === key) as Figure).value;
}

const TINY = { seconds: '2', 'first-step': '2', 'max-streams': '2' };

t.test(
  'streams passed through are carried without ffmpeg, sound for WebRTC is encoded with it',
  async (t) => {
    const [passthrough, sound] = await runIngest({ ...TINY, parts: 'passthrough,sound' });
    t.equal(passthrough?.key, 'passthrough');
    t.equal(figure(passthrough, 'streams'), 2);
    t.ok(figure(passthrough, 'streamsPerCore') > 1);
    t.equal(passthrough?.cpu?.cpuSeconds['server/ffmpeg'], undefined);
    const started = passthrough?.measurements.filter(({ kind }) => kind === 'distribution');
    t.match(started, [
      { key: 'toPlaylist', values: { length: 2 } },
      { key: 'toLive', values: { length: 2 } },
    ]);
    t.equal(sound?.key, 'sound');
    t.ok(figure(sound, 'ffmpeg') > 0);
    t.match(
      sound?.notes.join(' '),
      /20 renditions at the end/,
      'of four streams, source twice over and Opus',
    );
  },
);

t.test('options that make no sense are named', async (t) => {
  t.throws(() => ingest.checkOptions({ parts: '4k' }), { message: /--parts .*"4k"/ });
  t.throws(() => ingest.checkOptions({ seconds: '-1' }), { message: /--seconds .*"-1"/ });
  t.throws(() => ingest.checkOptions({ 'max-streams': 'x' }), { message: /--max-streams .*"x"/ });
});
