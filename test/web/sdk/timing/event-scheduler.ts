// When an event is released, for every state of the playhead.
import fc from 'fast-check';
import t from 'tap';
import { EventScheduler, type Release, type Timed } from '../../../../web/sdk/timing/event-scheduler.ts';
import type { PlayheadReading } from '../../../../web/sdk/timing/playhead.ts';

interface TestEvent extends Timed {
  readonly name: string;
}

const at = (playheadMs: number, serverMs: number = playheadMs + 300) => ({
  playhead: { state: 'known', mediaMs: playheadMs } as PlayheadReading,
  serverMs,
});
const during = (state: 'idle' | 'unknown', serverMs: number) => ({ playhead: { state }, serverMs });
const event = (name: string, mediaTimeMs: number, acceptedAt: number = mediaTimeMs): TestEvent => ({
  name,
  mediaTimeMs,
  at: acceptedAt,
});
const told = (releases: readonly Release<TestEvent>[]) =>
  releases.map(({ event, cause }) => `${event.name}: ${cause}`);

t.test('an event waits until the playhead reaches it', async (t) => {
  const scheduler = new EventScheduler<TestEvent>();
  t.same(scheduler.add(event('a', 1000), at(900)), []);
  t.same(scheduler.advance(at(999)), []);
  t.same(told(scheduler.advance(at(1000))), ['a: due']);
  t.equal(scheduler.held, 0);
});

t.test('events are released in order of media time, equal ones as they came', async (t) => {
  const scheduler = new EventScheduler<TestEvent>();
  for (const [name, time] of [
    ['c', 30],
    ['a', 10],
    ['b', 20],
    ['b2', 20],
  ] as const)
    scheduler.add(event(name, time), at(0));
  t.same(told(scheduler.advance(at(40))), ['a: due', 'b: due', 'b2: due', 'c: due']);
});

t.test('a late one is released at once, and drawn when it is fresh', async (t) => {
  const scheduler = new EventScheduler<TestEvent>();
  const late = scheduler.add(event('late', 1000, 7000), at(7000));
  t.same(told(late), ['late: late']);
  t.equal(late[0]?.draw, true);
  const history = scheduler.add(event('old', 1000, 1300), at(60_000));
  t.same(told(history), ['old: missed']);
  t.equal(history[0]?.draw, false);
});

t.test('what a seek jumped over is listed, not drawn', async (t) => {
  const scheduler = new EventScheduler<TestEvent>();
  scheduler.add(event('jumped', 1000), at(500));
  scheduler.add(event('near', 19_000), at(500));
  t.same(told(scheduler.advance(at(20_000))), ['jumped: missed', 'near: due']);
});

t.test('a playhead that jumps back holds what has not been released yet', async (t) => {
  const scheduler = new EventScheduler<TestEvent>();
  scheduler.add(event('a', 1000), at(900));
  t.same(scheduler.advance(at(100, 1300)), []);
  t.same(told(scheduler.advance(at(1001, 2200))), ['a: due']);
});

t.test('with nothing playing events come at once', async (t) => {
  const scheduler = new EventScheduler<TestEvent>();
  t.same(told(scheduler.add(event('a', 1000, 1000), during('idle', 1010))), ['a: late']);
  t.same(told(scheduler.add(event('old', 0, 0), during('idle', 60_000))), ['old: missed']);
});

t.test('an unknown playhead keeps them waiting for a moment only', async (t) => {
  const scheduler = new EventScheduler<TestEvent>({ unknownHoldMs: 3000 });
  t.same(scheduler.add(event('a', 1000), during('unknown', 1000)), []);
  t.same(scheduler.advance(during('unknown', 3900)), []);
  t.same(told(scheduler.advance(during('unknown', 4001))), ['a: unclocked']);
});

t.test('when the playhead turns out to be past it already, it is drawn late', async (t) => {
  const scheduler = new EventScheduler<TestEvent>();
  scheduler.add(event('a', 1000), during('unknown', 1000));
  t.same(told(scheduler.advance(at(4000, 2500))), ['a: late']);
});

t.test('when playback stops, what is held is released', async (t) => {
  const scheduler = new EventScheduler<TestEvent>();
  scheduler.add(event('a', 1000), at(500, 800));
  t.same(told(scheduler.advance(during('idle', 900))), ['a: unclocked']);
});

t.test('the queue is bounded: the oldest is listed to make room', async (t) => {
  const scheduler = new EventScheduler<TestEvent>({ maxHeld: 2 });
  scheduler.add(event('a', 1000), at(0));
  scheduler.add(event('b', 2000), at(0));
  const released = scheduler.add(event('c', 3000), at(0));
  t.same(told(released), ['a: overflow']);
  t.equal(released[0]?.draw, false);
  t.equal(scheduler.held, 2);
});

t.test('nothing is held for ever', async (t) => {
  const scheduler = new EventScheduler<TestEvent>({ maxHoldMs: 1000 });
  scheduler.add(event('far', 1_000_000), at(0, 0));
  t.same(told(scheduler.advance(at(500, 1001))), ['far: expired']);
});

t.test('no event is drawn early, and none is lost or doubled', async () => {
  const events = fc.array(fc.record({ mediaTimeMs: fc.nat(5000), lagMs: fc.nat(3000) }), { maxLength: 60 });
  const steps = fc.array(fc.integer({ min: -500, max: 1500 }), { minLength: 5, maxLength: 60 });
  fc.assert(
    fc.property(events, steps, (plan, moves) => {
      const scheduler = new EventScheduler<TestEvent>({ maxHeld: 10 });
      const seen: string[] = [];
      let playheadMs = 0;
      let early = false;
      const take = (releases: readonly Release<TestEvent>[]) => {
        for (const one of releases) {
          seen.push(one.event.name);
          early ||= one.draw && one.event.mediaTimeMs > playheadMs;
        }
      };
      const queue = plan.map(({ mediaTimeMs, lagMs }, index) =>
        event(`${index}`, mediaTimeMs, mediaTimeMs + lagMs),
      );
      for (const move of moves) {
        playheadMs += move;
        const next = queue.shift();
        if (next) take(scheduler.add(next, at(playheadMs)));
        take(scheduler.advance(at(playheadMs)));
      }
      const added = plan.length - queue.length;
      return !early && new Set(seen).size === seen.length && seen.length + scheduler.held === added;
    }),
  );
});
