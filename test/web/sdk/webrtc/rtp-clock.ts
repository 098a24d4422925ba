// Media time from RTP timestamps and the clock an SDP answer names.
import { assert, integer, property } from 'fast-check';
import t from 'tap';
import { NTP_TO_UNIX_MS, RtpClock } from '../../../../web/sdk/webrtc/rtp-clock.ts';

const WRAP = 2 ** 32;

/** RTP timestamp of a media time, as a sender with that offset writes it. */
function rtpOf(mediaMs: number, offset: number): number {
  return Number((BigInt(mediaMs + NTP_TO_UNIX_MS) * 90n + BigInt(offset)) % BigInt(WRAP));
}

t.test('a frame has its exact media time, whatever the offset and however late it is shown', async () => {
  assert(
    property(
      integer({ min: 1_700_000_000_000, max: 2_000_000_000_000 }),
      integer({ min: 0, max: WRAP - 1 }),
      integer({ min: -60_000, max: 3_600_000 }),
      (mediaMs, offset, delayMs) => {
        const found = new RtpClock(offset).toMediaMs(rtpOf(mediaMs, offset), mediaMs + delayMs);
        return Math.abs(found - mediaMs) < 0.01;
      },
    ),
  );
});

t.test("the video's clock is read from the answer, not the sound's", async (t) => {
  const audio = 'm=audio 9 X 111\r\na=mediaclk:direct=5\r\n';
  const video = 'm=video 9 X 96\r\na=ts-refclk:ntp=/traceable/\r\na=mediaclk:direct=77\r\n';
  for (const sdp of [`v=0\r\n${audio}${video}`, `v=0\r\n${video}${audio}`]) {
    const clock = RtpClock.fromAnswer(sdp);
    t.ok(clock);
    t.ok(
      Math.abs((clock?.toMediaMs(rtpOf(1_790_000_000_000, 77), 1_790_000_000_000) ?? 0) - 1_790_000_000_000) <
        0.01,
    );
  }
});

t.test('an answer without a clock, or without video, gives none', async (t) => {
  t.equal(RtpClock.fromAnswer('v=0\r\nm=audio 9 X 111\r\na=mediaclk:direct=5\r\n'), undefined);
  t.equal(RtpClock.fromAnswer('v=0\r\nm=video 9 X 96\r\n'), undefined);
  t.equal(RtpClock.fromAnswer(''), undefined);
});
