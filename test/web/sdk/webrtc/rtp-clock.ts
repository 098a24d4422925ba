// Media time from RTP timestamps and playout statistics.
import t from 'tap';
import { RtpClock } from '../../../../web/sdk/webrtc/rtp-clock.ts';

const MEDIA = 1_790_000_000_000;
const WRAP = 2 ** 32;

/** Frames of 40 ms from RTP timestamp `first`, captured 200 ms before they are shown; a poll every 25 frames. */
function play(clock: RtpClock, first: number, frames: number, noise: (poll: number) => number = () => 0) {
  const errors: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const shownAtMs = 1_000_000 + frame * 40;
    clock.addFrame((first + frame * 3600) % WRAP, shownAtMs);
    const mediaMs = MEDIA + frame * 40;
    if (clock.mediaMs !== undefined) errors.push(Math.abs(clock.mediaMs - mediaMs));
    if (frame % 25 === 10) clock.addPlayout(mediaMs + 15 + noise(frame), shownAtMs + 15);
  }
  return errors;
}

t.test('nothing is known before statistics came', async (t) => {
  const clock = new RtpClock();
  clock.addPlayout(MEDIA, 0);
  clock.addFrame(90_000, 0);
  t.equal(clock.mediaMs, undefined);
});

t.test('from then on every frame has its exact time', async (t) => {
  const errors = play(new RtpClock(), 12_345, 200);
  t.ok(errors.length > 180);
  t.ok(Math.max(...errors) < 0.01);
});

t.test('the wrap of RTP timestamps is passed unnoticed', async (t) => {
  const errors = play(new RtpClock(), WRAP - 100 * 3600, 300);
  t.ok(Math.max(...errors) < 0.01);
});

t.test('statistics that are wrong now and then do no harm', async (t) => {
  const errors = play(new RtpClock(), 0, 400, (frame) => (frame % 75 === 10 && frame > 100 ? 400 : 0));
  t.ok(Math.max(...errors) < 0.01);
});

t.test('another time line is followed at once', async (t) => {
  const clock = new RtpClock();
  play(clock, 0, 300);
  clock.addPlayout(MEDIA + 3_600_000, 1_000_000 + 299 * 40);
  t.ok(Math.abs((clock.mediaMs ?? 0) - (MEDIA + 3_600_000)) < 0.01);
});

t.test('a picture that stood still for long teaches nothing', async (t) => {
  const clock = new RtpClock();
  clock.addFrame(0, 0);
  clock.addPlayout(MEDIA, 600);
  t.equal(clock.mediaMs, undefined);
});
