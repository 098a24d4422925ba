// A small run of the likes scenario against a real server.
import t from 'tap';
import type { Figure, MeasurementGroup } from '../../../bench/measurement.ts';
import { BARRAGE, type ScenarioContext } from '../../../bench/scenario.ts';
import { likes } from '../../../bench/scenarios/likes.ts';

function contextOf(options: ScenarioContext['options'], report: (group: MeasurementGroup) => void) {
  return {
    ...{ options, subject: BARRAGE, quick: true, signal: new AbortController().signal, report },
    progress: () => undefined,
    noteVersion: () => undefined,
  };
}

function figure({ measurements }: MeasurementGroup, key: string): number {
  return (measurements.find((one) => one.key === key) as Figure).value;
}

t.test(
  'every total is the sum of the accepted taps, within and beyond the rate and over reconnects',
  async (t) => {
    const groups: MeasurementGroup[] = [];
    const options = { tappers: '30', seconds: '2', interval: '200' };
    await likes.run(contextOf(options, (group) => groups.push(group)));
    t.same(
      groups.map(({ key }) => key),
      ['within', 'beyond', 'reconnecting'],
    );
    for (const group of groups) {
      t.equal(figure(group, 'totalError'), 0, group.notes.join(' '));
      t.equal(figure(group, 'notShown'), 0);
      t.equal(figure(group, 'backwards'), 0);
      t.ok(figure(group, 'tapsPerSecond') > 0);
      t.ok(figure(group, 'tapsPerCore') > 0);
      t.notMatch(group.notes, /failed otherwise/);
    }
    const [within, beyond, reconnecting] = groups as [MeasurementGroup, MeasurementGroup, MeasurementGroup];
    t.equal(figure(within, 'refused'), 0);
    t.ok(figure(beyond, 'refused') > 0, 'what is too much is refused, and known to be');
    t.match(reconnecting.notes.join(' '), /unknown outcome \(cut off with a send under way\) [1-9]/);
    t.match(reconnecting.notes.join(' '), /3 tappers reconnected/);
  },
);

t.test('options that make no sense are named before anything starts', async (t) => {
  t.throws(() => likes.checkOptions({ tappers: '0' }), { message: /--tappers .*"0"/ });
  t.throws(() => likes.checkOptions({ taps: 'many' }), { message: /--taps .*"many"/ });
});
