// How figures are written.
import t from 'tap';
import {
  formatChange,
  formatEstimate,
  formatFlags,
  formatValue,
} from '../../../bench/report/format-value.ts';

t.test('three significant digits, four from a thousand on, thousands apart', async (t) => {
  t.same([0, 1.41e-10, 0.0123456, 12.345, 123_456, -5.5, Number.NaN].map(formatValue), [
    ...['0', '1.41e-10', '0.0123', '12.3', '123,500', '-5.5', '-'],
  ]);
});

t.test('an interval is written where there is one that says something', async (t) => {
  t.equal(formatEstimate({ value: 1.8, interval: { low: 1.71, high: 1.9 } }, 'x'), '1.8x (1.71 to 1.9)');
  t.equal(formatEstimate({ value: 300, interval: { low: 300, high: 300 } }), '300');
  t.equal(formatEstimate({ value: 1.8, interval: undefined }), '1.8');
});

t.test('a change has its sign', async (t) => {
  t.same([0.1234, -0.05, 0, 12.3, Number.POSITIVE_INFINITY].map(formatChange), [
    '+12.3%',
    '-5.0%',
    '0.0%',
    'over +1000%',
    '-',
  ]);
});

t.test('flags are written as they were typed', async (t) => {
  t.same(formatFlags({ quick: true, repeat: '3', check: false, out: undefined }), ['--quick', '--repeat 3']);
});
