// The pacer on a clock of its own: lanes in step, delay as long as the skew and no longer.
import t from 'tap';
import { Pacer, type PacerOptions } from '../../../media/rtp/pacer.ts';

const MS = 1000;
const FRAME = 33 * MS;

interface Sent {
  readonly lane: string;
  readonly ptsUs: number;
  readonly atUs: number;
}

/** Feeds lanes whose units arrive `lateness(lane, pts)` after their media time; answers what left when. */
function simulate(
  lanes: Record<string, (ptsUs: number) => number | undefined>,
  options: PacerOptions & { untilUs: number; uneven?: readonly string[] },
) {
  const { untilUs, uneven = [], ...rest } = options;
  const pacer = new Pacer<{ lane: string; ptsUs: number }>(rest);
  const arrivals: { atUs: number; lane: string; ptsUs: number }[] = [];
  for (const [lane, lateness] of Object.entries(lanes)) {
    for (let ptsUs = 0; ptsUs < untilUs; ptsUs += FRAME) {
      const late = lateness(ptsUs);
      if (late !== undefined) arrivals.push({ atUs: ptsUs + late, lane, ptsUs });
    }
  }
  arrivals.sort((a, b) => a.atUs - b.atUs);
  const sent: Sent[] = [];
  const delays: { atUs: number; delayUs: number }[] = [];
  const start = arrivals[0]!.atUs;
  for (let now = start; now < untilUs; now += MS) {
    while (arrivals[0] && arrivals[0].atUs <= now) {
      const { lane, ptsUs } = arrivals.shift()!;
      for (const item of pacer.push(
        { lane, ptsUs, even: !uneven.includes(lane), item: { lane, ptsUs } },
        now,
      ))
        sent.push({ ...item, atUs: now });
    }
    for (const item of pacer.takeDue(now)) sent.push({ ...item, atUs: now });
    delays.push({ atUs: now, delayUs: pacer.delayUs });
  }
  return { pacer, sent, delays };
}

function releaseTimes(sent: readonly Sent[], lane: string): Map<number, number> {
  return new Map(sent.filter((each) => each.lane === lane).map((each) => [each.ptsUs, each.atUs]));
}

t.test('units of one media time leave together, and the delay is the real skew', async (t) => {
  const { sent, delays } = simulate(
    { source: () => 2 * MS, low: () => 150 * MS, audio: () => 20 * MS },
    { untilUs: 10_000 * MS },
  );
  t.equal(delays.at(-1)!.delayUs, 150 * MS);
  const source = releaseTimes(sent, 'source');
  const settled = [...releaseTimes(sent, 'low')].filter(([ptsUs]) => ptsUs >= 200 * MS);
  const apart = settled.filter(([ptsUs, atUs]) => Math.abs(source.get(ptsUs)! - atUs) > MS);
  t.same(apart, [], 'in step');
  t.ok(
    settled.every(([ptsUs, atUs]) => atUs - ptsUs <= 152 * MS),
    'no margin added',
  );
});

t.test('a lone lane that is on time is not delayed', async (t) => {
  const { delays } = simulate({ source: () => 0 }, { untilUs: 3000 * MS });
  t.equal(delays.at(-1)!.delayUs, 0);
});

t.test('jitter of a lane that need not be even holds nobody, its lasting lateness does', async (t) => {
  const jitter = (ptsUs: number): number => ((ptsUs / FRAME) % 4) * 10 * MS;
  const alone = simulate({ source: jitter }, { untilUs: 12_000 * MS, uneven: ['source'] });
  t.equal(alone.delays.at(-1)!.delayUs, 0);
  const late = [...releaseTimes(alone.sent, 'source')].filter(([ptsUs]) => ptsUs > 9000 * MS);
  t.ok(
    late.every(([ptsUs, atUs]) => atUs - ptsUs <= jitter(ptsUs) + MS),
    'units leave when they come',
  );
  const low = (ptsUs: number): number => 100 * MS + jitter(ptsUs);
  const both = simulate({ source: jitter, low }, { untilUs: 12_000 * MS, uneven: ['source', 'low'] });
  t.equal(both.delays.at(-1)!.delayUs, 100 * MS);
  const even = simulate({ source: jitter }, { untilUs: 12_000 * MS });
  t.equal(even.delays.at(-1)!.delayUs, 30 * MS, 'sound still gets its jitter covered');
});

t.test('a start-up burst is worked off in seconds and leaves at a bounded speed', async (t) => {
  // Frames of the first 1.2 s all arrive at 1.2 s; from then on 120 ms late.
  const late = (ptsUs: number): number => Math.max(120 * MS, 1200 * MS - ptsUs);
  const { sent, delays } = simulate({ low: late }, { untilUs: 12_000 * MS });
  const settled = delays.find((each) => each.atUs > 2000 * MS && each.delayUs <= 121 * MS);
  t.ok(settled && settled.atUs < 5000 * MS, 'down to the skew within 4 s of the burst');
  const within = sent.filter((each) => each.atUs <= 1700 * MS).length;
  t.ok(within < 30, `${within} of 36 frames in the half second after the burst, not all at once`);
});

t.test('a hiccup passes without moving the delay: its units leave when they come', async (t) => {
  const hiccup = (ptsUs: number): number => (ptsUs > 10_000 * MS && ptsUs < 10_400 * MS ? 600 * MS : 50 * MS);
  const { sent, delays } = simulate({ low: hiccup, audio: () => 20 * MS }, { untilUs: 20_000 * MS });
  t.ok(
    delays.filter((each) => each.atUs > 8000 * MS).every((each) => each.delayUs <= 51 * MS),
    'the delay stays',
  );
  const times = [...releaseTimes(sent, 'audio')].filter(([ptsUs]) => ptsUs > 8000 * MS);
  t.ok(
    times.every(([ptsUs, atUs]) => atUs - ptsUs <= 52 * MS),
    'and sound is not held for it',
  );
});

t.test('a lateness that lasts is followed slowly, up and down again', async (t) => {
  const lag = (ptsUs: number): number => (ptsUs > 10_000 * MS && ptsUs < 18_000 * MS ? 400 * MS : 50 * MS);
  const { sent, delays } = simulate({ low: lag, audio: () => 20 * MS }, { untilUs: 30_000 * MS });
  const at = (ms: number): number => delays.find((each) => each.atUs >= ms * MS)!.delayUs;
  t.ok(at(11_500) < 200 * MS, 'not at once');
  t.equal(at(17_500), 400 * MS, 'but in full');
  t.equal(at(26_000), 50 * MS, 'and back');
  const times = [...releaseTimes(sent, 'audio').values()]
    .filter((atUs) => atUs > 8000 * MS)
    .sort((a, b) => a - b);
  const gaps = times.slice(1).map((atUs, index) => atUs - times[index]!);
  t.ok(Math.max(...gaps) <= 1.15 * FRAME, 'sound has no hole');
});

t.test('a lane that dies holds nobody and its lateness is forgotten', async (t) => {
  const dies = (ptsUs: number): number | undefined => (ptsUs < 8000 * MS ? 400 * MS : undefined);
  const { sent, delays } = simulate({ source: () => 5 * MS, low: dies }, { untilUs: 20_000 * MS });
  t.equal(delays.at(-1)!.delayUs, 5 * MS);
  const count = sent.filter((each) => each.lane === 'source').length;
  t.ok(count >= 20_000 / 33 - 2, 'every source frame left');
});

t.test('the delay has a bound, and what is later leaves at once', async (t) => {
  const { sent, delays } = simulate({ low: () => 3000 * MS }, { untilUs: 8000 * MS, maxDelayUs: 500 * MS });
  t.ok(delays.every((each) => each.delayUs <= 500 * MS));
  t.ok(sent.every((each) => each.atUs - each.ptsUs <= 3001 * MS));
});

t.test('a unit stamped far in the future is held no longer than the bound', async (t) => {
  const pacer = new Pacer<number>({ maxDelayUs: 500 * MS });
  pacer.push({ lane: 'a', ptsUs: 3_600_000 * MS, item: 1 }, 0);
  t.equal(pacer.nextDueUs(), 500 * MS);
  t.same(pacer.takeDue(500 * MS), [1]);
});

t.test('a full lane pushes its oldest out, in order, and counts it', async (t) => {
  const pacer = new Pacer<number>({ maxUnitsPerLane: 2 });
  for (const item of [1, 2]) t.same(pacer.push({ lane: 'a', ptsUs: 1000 * MS, item }, 0), []);
  t.same(pacer.push({ lane: 'a', ptsUs: 1000 * MS, item: 3 }, 0), [1]);
  t.equal(pacer.overflowed, 1);
  t.same(pacer.removeLane('a'), [2, 3]);
  t.equal(pacer.length, 0);
  t.equal(pacer.nextDueUs(), undefined);
});
