// The playhead's arithmetic, on a clock of the test's own.
import fc from 'fast-check';
import t from 'tap';
import { Playhead } from '../../../../web/sdk/timing/playhead.ts';

const MEDIA_START = 1_790_000_000_000;

function setUp() {
  const clock = { nowMs: 1000 };
  const playhead = new Playhead({ nowMs: () => clock.nowMs });
  /** Plays frames of 40 ms, each shown `delayMs` after its capture as the clock here has it. */
  const play = (frames: number, jitter: (frame: number) => number = () => 0) => {
    for (let frame = 0; frame < frames; frame++) {
      clock.nowMs += 40;
      playhead.addSample({ mediaMs: MEDIA_START + clock.nowMs + jitter(frame), atMs: clock.nowMs });
    }
  };
  const mediaMs = () => {
    const reading = playhead.read();
    return reading.state === 'known' ? reading.mediaMs - MEDIA_START : reading.state;
  };
  return { clock, playhead, play, mediaMs };
}

t.test('it is idle, then unknown, then known', async (t) => {
  const { playhead, play, mediaMs } = setUp();
  t.equal(mediaMs(), 'idle');
  playhead.start();
  t.equal(mediaMs(), 'unknown');
  play(1);
  t.equal(mediaMs(), 1040);
  playhead.stop();
  t.equal(mediaMs(), 'idle');
});

t.test('between frames it runs on, but a frozen picture freezes it', async (t) => {
  const { clock, play, mediaMs } = setUp();
  play(100);
  clock.nowMs += 30;
  t.equal(mediaMs(), 5030);
  clock.nowMs += 3000;
  t.equal(Math.round(Number(mediaMs())), 5060, 'about one and a half frame intervals after the last frame');
});

t.test('without samples for long it is unknown', async (t) => {
  const { clock, play, mediaMs } = setUp();
  play(10);
  clock.nowMs += 10_001;
  t.equal(mediaMs(), 'unknown');
});

t.test('jitter is smoothed, and it never steps back meanwhile', async (t) => {
  const { clock, playhead, mediaMs } = setUp();
  let before = Number.NEGATIVE_INFINITY;
  let worst = 0;
  for (let frame = 0; frame < 200; frame++) {
    clock.nowMs += 40;
    const jitterMs = frame % 2 === 0 ? 20 : -20;
    playhead.addSample({ mediaMs: MEDIA_START + clock.nowMs + jitterMs, atMs: clock.nowMs });
    const now = Number(mediaMs());
    t.ok(now >= before || frame === 0);
    before = now;
    if (frame > 60) worst = Math.max(worst, Math.abs(now - clock.nowMs));
  }
  t.ok(worst <= 6, `${worst} ms of 20 ms are left`);
});

t.test('a seek is followed at once, in both directions', async (t) => {
  const { clock, playhead, play, mediaMs } = setUp();
  play(10);
  for (const jumpMs of [30_000, -60_000]) {
    clock.nowMs += 40;
    playhead.addSample({ mediaMs: MEDIA_START + clock.nowMs + jumpMs, atMs: clock.nowMs });
    t.equal(mediaMs(), clock.nowMs + jumpMs);
  }
});

t.test('while paused it stands still, afterwards it is learned anew', async (t) => {
  const { clock, playhead, play, mediaMs } = setUp();
  play(10);
  playhead.setPaused(true);
  play(100);
  t.equal(mediaMs(), 1400);
  clock.nowMs += 60_000;
  t.equal(mediaMs(), 1400);
  playhead.setPaused(false);
  t.equal(mediaMs(), 'unknown');
  play(1);
  t.equal(mediaMs(), clock.nowMs);
});

t.test('samples that are no numbers are ignored', async (t) => {
  const { playhead, play, mediaMs } = setUp();
  play(3);
  playhead.addSample({ mediaMs: Number.NaN, atMs: 1 });
  playhead.addSample({ mediaMs: 1, atMs: Number.POSITIVE_INFINITY });
  t.equal(mediaMs(), 1120);
});

t.test('with jitter below the jump limit it is monotone and never far ahead of the last frame', async () => {
  const steps = fc.array(
    fc.record({ stepMs: fc.integer({ min: 5, max: 200 }), jitterMs: fc.integer({ min: -100, max: 100 }) }),
  );
  fc.assert(
    fc.property(steps, (frames) => {
      const { clock, playhead, mediaMs } = setUp();
      let before = Number.NEGATIVE_INFINITY;
      return frames.every(({ stepMs, jitterMs }) => {
        clock.nowMs += stepMs;
        playhead.addSample({ mediaMs: MEDIA_START + clock.nowMs + jitterMs, atMs: clock.nowMs });
        const now = Number(mediaMs());
        const monotone = now >= before;
        before = now;
        return monotone;
      });
    }),
  );
});
