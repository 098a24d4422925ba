// Durations in buckets.
import t from 'tap';
import { LabelledDurations } from '../../server/durations.ts';

t.test('a duration counts in its bucket and in every one above', async (t) => {
  const durations = new LabelledDurations();
  durations.add('ping', 0.05);
  durations.add('ping', 0.0501);
  durations.add('ping', 5000);
  const [ping, ...others] = durations.entries();
  t.same(others, []);
  const upTo = (seconds: number) => ping?.buckets.find(({ upToS }) => upToS === seconds)?.count;
  t.match(ping, { label: 'ping', count: 3 });
  t.equal(upTo(0.00004), 0);
  t.equal(upTo(0.00005), 1);
  t.equal(upTo(0.000075), 2);
  t.equal(upTo(1), 2, 'what took longer than all bounds is only in the whole');
  t.equal(ping?.sumS.toFixed(7), '5.0001001');
});

t.test('labels are counted apart', async (t) => {
  const durations = new LabelledDurations();
  durations.add('ping', 1);
  durations.add('like.send', 1);
  t.same(
    durations.entries().map(({ label, count }) => `${label} ${count}`),
    ['ping 1', 'like.send 1'],
  );
});
