// The feed without a worker: streams that go on, slots taken with key frames, nothing done for nobody.
import t, { type Test } from 'tap';
import type { AccessUnit } from '../../../core/access-unit.ts';
import { systemClock } from '../../../core/clock.ts';
import { buildAvcConfig } from '../../../core/codec/avc.ts';
import { joinNals } from '../../../core/codec/nal.ts';
import { silentLogger } from '../../../core/logger.ts';
import { type RtpPacket, readRtpPacket } from '../../../media/rtp/rtp-packet.ts';
import { RoomFeed } from '../../../media/webrtc/room-feed.ts';
import { FakeRendition } from '../../support/fake-rendition.ts';

// SPS and PPS of 320x180 from x264.
const SPS = Buffer.from('6742c00cda0507e8400000030040000007a3c50a80', 'hex');
const PPS = Buffer.from('68ce3c80', 'hex');
const CONFIG = buildAvcConfig([SPS], [PPS]);

class HandRendition extends FakeRendition {
  constructor(height: number) {
    const rest = { codecString: 'avc1.42c00c', frameRate: 30, bitrateKbps: 0 };
    const size = { width: (height * 16) / 9, height };
    super(`${height}p`, { kind: 'video', codec: 'h264', config: CONFIG, ...size, ...rest });
  }

  /** Writes a unit of one NAL; of the present, so that the pacer lets it go at once. */
  writeFrame(key: boolean): void {
    const ptsUs = systemClock.nowUs();
    const data = joinNals([Buffer.from([key ? 0x65 : 0x41, 1, 2])]);
    const unit: AccessUnit = { ptsUs, dtsUs: ptsUs, durationUs: 0, key, data };
    this.write(unit);
  }
}

function createFeed(t: Test) {
  const packets: RtpPacket[] = [];
  const feed = new RoomFeed({
    clock: systemClock,
    logger: silentLogger,
    send: (_kind, _stream, unit) => packets.push(...unit.packets.map(readRtpPacket)),
  });
  t.teardown(() => feed.close());
  return { feed, packets };
}

/** Waits until as many packets have left; the deadline is tap's. */
async function until(packets: readonly RtpPacket[], count: number): Promise<void> {
  while (packets.length < count) await new Promise((resolve) => setImmediate(resolve));
}

t.test('nothing is packetized while nobody listens, and a listener starts with a key frame', async (t) => {
  const { feed, packets } = createFeed(t);
  const rendition = new HandRendition(720);
  t.equal(feed.attach(rendition), true);
  rendition.writeFrame(true);
  feed.setDemand(true);
  rendition.writeFrame(false);
  rendition.writeFrame(true);
  await until(packets, 2);
  t.same([...packets[0]!.payload.subarray(0, 1)], [0x78], 'parameter sets first, as STAP-A');
  t.same([...packets[1]!.payload], [0x65, 1, 2]);
  t.equal(packets.length, 2, 'the delta frame before the key frame is not sent');
});

t.test('a returning publisher goes on with the same SSRC, sequence numbers and clock', async (t) => {
  const { feed, packets } = createFeed(t);
  feed.setDemand(true);
  for (let round = 0; round < 3; round++) {
    const rendition = new HandRendition(480);
    feed.attach(rendition);
    rendition.writeFrame(true);
    rendition.writeFrame(false);
    rendition.emit('closed', 'gone');
    t.equal(feed.live, false);
  }
  await until(packets, 9);
  t.equal(new Set(packets.map((packet) => packet.ssrc)).size, 1);
  t.equal(packets[0]!.ssrc, feed.ssrcs.video[1]);
  const numbers = packets.map((packet) => (packet.sequenceNumber - packets[0]!.sequenceNumber) & 0xffff);
  t.same(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

t.test('a re-planned size takes its slot with a key frame and pushes out who was there', async (t) => {
  const { feed, packets } = createFeed(t);
  feed.setDemand(true);
  const [small, smaller] = [new HandRendition(360), new HandRendition(240)];
  feed.attach(small);
  small.writeFrame(true);
  await until(packets, 2);
  feed.attach(smaller);
  small.writeFrame(false);
  await until(packets, 3);
  smaller.writeFrame(true);
  await until(packets, 5);
  small.writeFrame(false);
  small.writeFrame(true);
  await until(packets, 7);
  const [slot0, slot1] = feed.ssrcs.video;
  t.same(
    packets.map((packet) => packet.ssrc),
    [slot0, slot0, slot0, slot0, slot0, slot1, slot1],
    'the delta frame of the one pushed out is dropped',
  );
  t.same(
    feed.layers.map((layer) => layer.name),
    ['240p', '360p'],
  );
});

t.test('units leave no listeners behind once detached', async (t) => {
  const { feed } = createFeed(t);
  const rendition = new HandRendition(480);
  feed.attach(rendition);
  feed.detach(rendition);
  feed.detach(rendition);
  for (const event of ['unit', 'track', 'closed'] as const) t.equal(rendition.listenerCount(event), 0);
});
