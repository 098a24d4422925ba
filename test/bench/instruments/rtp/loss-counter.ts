// The loss counter: against made-up streams, and against losses that the kernel itself has counted.
import t from 'tap';
import { LossCounter, type LossCounts } from '../../../../bench/instruments/rtp/loss-counter.ts';
import { ImpairedLink } from '../../../support/impaired-link.ts';

function countAll(sequenceNumbers: Iterable<number>): LossCounts & { lost: number } {
  const counter = new LossCounter();
  for (const number of sequenceNumbers) counter.count(number & 0xffff);
  const counts = counter.counts();
  return { ...counts, lost: counts.expected - counts.received };
}

function* numbers(count: number, from = 65_000): Generator<number> {
  for (let index = 0; index < count; index++) yield from + index;
}

t.test('a stream without holes loses nothing, over several wraps', async (t) => {
  t.match(countAll(numbers(200_000)), { expected: 200_000, received: 200_000, lost: 0, duplicates: 0 });
});

t.test('what is left out is counted, also at the wrap and in long holes', async (t) => {
  const some = [...numbers(100_000)].filter((_, index) => index % 7 !== 3);
  t.equal(countAll(some).lost, 100_000 - some.length);
  const hole = [...numbers(100_000)].filter((_, index) => index < 500 || index > 20_500);
  t.equal(countAll(hole).lost, 20_001);
});

t.test('duplicates do not hide losses, reordered packets are none', async (t) => {
  t.match(countAll([1, 2, 2, 2, 5]), { expected: 5, received: 3, lost: 2, duplicates: 2 });
  t.match(countAll([65_534, 0, 65_535, 1]), { expected: 4, received: 4, lost: 0, duplicates: 0 });
  t.match(countAll([10, ...numbers(5000, 12), 11]), { lost: 1, tooLate: 1 });
  t.match(countAll([10, 9]), { expected: 1, received: 1, tooLate: 1 });
});

t.test('before the first packet nothing is expected', async (t) => {
  t.same(new LossCounter().counts(), { expected: 0, received: 0, duplicates: 0, tooLate: 0 });
});

const obstacle = ImpairedLink.findObstacle();
t.test('losses are those that the kernel counted', { skip: obstacle ?? false }, async (t) => {
  await using link = await ImpairedLink.open();
  t.comment(`impairment: ${link.lossy.join(' ')}`);
  const counter = new LossCounter();
  link.onPacket((packet) => counter.count(packet.readUInt16BE(2)));
  // The first and the last packets come through, so that every loss lies between two that arrived.
  await link.send({ count: 20, first: 65_000 });
  await link.impair(link.lossy);
  await link.send({ count: 4000, first: 65_020 });
  const dropped = await link.dropped();
  await link.impair(undefined);
  await link.send({ count: 20, first: 65_020 + 4000 });
  await link.waitForPacket((65_020 + 4000 + 19) & 0xffff);
  const { expected, received } = counter.counts();
  t.equal(expected, 4040);
  t.ok(dropped > 40, `the kernel dropped ${dropped}`);
  t.equal(expected - received, dropped);
});
