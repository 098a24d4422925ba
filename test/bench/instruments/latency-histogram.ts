// The HDR histogram against distributions whose percentiles are known.
import fc from 'fast-check';
import t from 'tap';
import { summarize } from '../../../bench/instruments/histogram.ts';
import { LatencyHistogram } from '../../../bench/instruments/latency-histogram.ts';

t.test('percentiles of an even spread are right to three digits', async (t) => {
  const histogram = new LatencyHistogram();
  for (let us = 1; us <= 1_000_000; us += 10) histogram.record(us / 1000);
  for (const percent of [1, 50, 90, 99, 99.9]) {
    const expected = percent * 10;
    t.ok(Math.abs(histogram.percentile(percent) - expected) <= expected * 0.001 + 0.01, `p${percent}`);
  }
});

t.test('percentiles agree with those of the samples themselves to three digits', async () => {
  const duration = fc.double({ noNaN: true, min: 0.001, max: 3_000_000 });
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 500 }), (samples) => {
      const histogram = new LatencyHistogram();
      for (const sample of samples) histogram.record(sample);
      const exact = summarize(samples);
      const near = (value: number, expected: number) =>
        Math.abs(value - expected) <= expected * 0.002 + 0.001;
      const { p50, p99, max } = histogram.summary();
      return near(p50, exact.p50) && near(p99, exact.p99) && near(max, exact.max);
    }),
  );
});

t.test('a stall of a paced load stands for everything that waited behind it', async (t) => {
  const plain = new LatencyHistogram();
  const paced = new LatencyHistogram();
  // A hundred seconds at a hundred a second, answered in 1 ms, then one stall of 100 s.
  for (let index = 0; index < 10_000; index++) {
    plain.record(1);
    paced.recordPaced(1, 10);
  }
  plain.record(100_000);
  paced.recordPaced(100_000, 10);
  t.ok(plain.percentile(99) < 2, 'without the correction the stall is one in ten thousand');
  t.ok(Math.abs(paced.percentile(75) - 50_000) < 500, 'half the time a request would have met the stall');
});

t.test('histograms add up, survive encoding, and count what lies below zero', async (t) => {
  const one = new LatencyHistogram();
  const other = new LatencyHistogram();
  one.record(5, 3);
  other.record(-1);
  other.record(7_200_000);
  one.add(other);
  t.equal(one.belowZero, 1);
  t.equal(one.count, 5);
  const { max, ...others } = one.summary();
  t.match(LatencyHistogram.decode(one.encode()).summary(), others, 'all but the maximum is kept exactly');
  t.ok(max < 3_603_600, 'longer than an hour counts as an hour');
});
