// A tiny run of the ladder scenario: real encoders, the real server's rungs.
import t from 'tap';
import { probeAbilities } from '../../../bench/instruments/quality/encode-trial.ts';
import type { Figure, MeasurementGroup } from '../../../bench/measurement.ts';
import { BARRAGE } from '../../../bench/scenario.ts';
import { ladder } from '../../../bench/scenarios/ladder.ts';

async function runLadder(options: Record<string, string>): Promise<MeasurementGroup[]> {
  const groups: MeasurementGroup[] = [];
  await ladder.run({
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

t.test('each encoder has a curve, and the slower x264 preset needs less bits', async (t) => {
  const groups = await runLadder({
    ...{ parts: 'offline', clips: 'figure', height: '180', 'clip-seconds': '1', rates: '150,400' },
    'compare-encoders': 'x264-ultrafast,x264-veryfast',
  });
  t.same(
    groups.map(({ key }) => key),
    ['figure-x264-ultrafast', 'figure-x264-veryfast', 'bd-rate'],
  );
  for (const group of groups.slice(0, 2)) {
    t.ok(figure(group, 'speed') > 0);
    t.equal(group.series?.[0]?.points.length, 2);
  }
  t.ok(figure(groups[2], 'x264-veryfast') < 0);
  t.equal(figure(groups[2], 'x264-veryfast-figure'), figure(groups[2], 'x264-veryfast'));
});

t.test('AV1 is compared where the ffmpeg has it, and said to be missing where not', async (t) => {
  const { encoders } = await probeAbilities();
  const groups = await runLadder({
    ...{ parts: 'offline', clips: 'graphics', height: '180', 'clip-seconds': '1', rates: '150,400' },
    'compare-encoders': 'x264-veryfast,svtav1-13',
  });
  const last = groups.at(-1);
  if (encoders.has('libsvtav1')) t.type(figure(last, 'svtav1-13'), 'number');
  else t.match(last?.notes.join(' '), /svtav1-13 was left out/);
});

t.test('the rungs of a running server are told with rate and speed', async (t) => {
  const [live] = await runLadder({ parts: 'live', seconds: '2' });
  t.equal(live?.key, 'live');
  t.ok(figure(live, 'speed') > 0);
  t.ok(figure(live, 'ffmpeg') > 0);
  t.match(live?.notes.join(' '), /360p: \d+ of 600 kbit\/s/);
});

t.test('options that make no sense are named', async (t) => {
  t.throws(() => ladder.checkOptions({ 'compare-encoders': 'x264-veryfast,vp9' }), { message: /"vp9"/ });
  t.throws(() => ladder.checkOptions({ rates: '1000' }), { message: /--rates .*"1000"/ });
  t.throws(() => ladder.checkOptions({ rates: '1000,1000' }), { message: /--rates/ });
  t.throws(() => ladder.checkOptions({ height: '721' }), { message: /--height .*"721"/ });
});
