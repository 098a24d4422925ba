// The arithmetic of a plan, on capacities that are made up and easy to check by hand.
import t from 'tap';
import {
  CAPACITIES,
  type Capacities,
  type Capacity,
  type CapacityName,
} from '../../../bench/plan/capacities.ts';
import { planFor } from '../../../bench/plan/plan.ts';
import { readAssumptions } from '../../../bench/plan/plan-options.ts';

const VALUES: Record<CapacityName, number> = {
  sfuPackets: 50_000,
  sfuBits: 500e6,
  dcFrames: 20_000,
  dcEvents: 200_000,
  wsFrames: 80_000,
  wsEvents: 4e6,
  hlsPlaylists: 5_000,
  hlsSegments: 2_000,
  hlsBits: 880e6,
  danmakuIn: 50_000,
  streams: 0.5,
  wsMemory: 2 ** 14,
  webrtcMemory: 2 ** 18,
};

function capacities(unknown: readonly CapacityName[] = []): Capacities {
  const entries = (Object.keys(CAPACITIES) as CapacityName[]).map((name): [string, Capacity] => [
    name,
    unknown.includes(name)
      ? { state: 'not measured', source: 'nobody' }
      : { state: 'measured', value: VALUES[name], source: 'made up' },
  ]);
  return Object.fromEntries(entries) as Capacities;
}

const GIVEN = { 'bitrate-kbps': '880', 'packet-bytes': '1100', 'danmaku-rate': '100', headroom: '50' };

function resultOf(plan: ReturnType<typeof planFor>, title: string): number | undefined {
  return plan.lines.find((line) => line.title === title)?.value;
}

t.test('viewers on WebRTC take cores for packets, frames and ladders, and the link', async (t) => {
  const given = readAssumptions({ ...GIVEN, transport: 'webrtc' });
  const plan = planFor(10_000, given, capacities());
  t.equal(
    resultOf(plan, 'RTP packets of a viewer'),
    150,
    '880 kbit/s in packets of 1100 bytes, and 50 of sound',
  );
  t.equal(resultOf(plan, 'RTP packets'), 1_500_000);
  t.equal(resultOf(plan, 'cores for WebRTC, the most of these'), 30, 'packets ask for more than bits (17.6)');
  t.equal(
    resultOf(plan, 'cores for danmaku on data channels, the most of these'),
    10,
    '20 frames a second each',
  );
  t.equal(resultOf(plan, 'cores for ladders'), 2);
  t.match(plan.cores, 42.002);
  t.equal(resultOf(plan, 'machines for cores'), 42.002 / (16 * 0.5));
  t.equal(plan.gbps, 8.8 + 2, 'pictures, and 100 danmaku of 250 bytes');
  t.match(plan, { machines: 6, boundBy: 'cores', missing: [] });
  t.ok(Math.abs(plan.terabytesPerMonth - (10.8 * 60 * 3600) / 8 / 1000) < 1e-6);
});

t.test('viewers on HLS take requests and WebSockets; caches take their share of both', async (t) => {
  const hls = { ...GIVEN, transport: 'hls' };
  const plan = planFor(10_000, readAssumptions(hls), capacities());
  t.equal(resultOf(plan, 'HLS playlists'), 10_000, 'two playlists every two seconds');
  t.equal(resultOf(plan, 'HLS segments'), 10_000, 'and two segments');
  t.equal(resultOf(plan, 'cores for HLS playlists'), 2);
  t.equal(
    resultOf(plan, 'cores for HLS segments, the most of these'),
    10,
    'bits ask for more than requests (5)',
  );
  t.equal(resultOf(plan, 'cores for danmaku on WebSockets, the most of these'), 2.5);
  t.equal(resultOf(plan, 'memory of WebSocket viewers'), 10_000 / 2 ** 16);
  const cached = planFor(10_000, readAssumptions({ ...hls, 'cache-percent': '95' }), capacities());
  t.equal(Math.round(resultOf(cached, 'HLS segments') ?? 0), 500);
  t.equal(Math.round((resultOf(cached, 'cores for HLS segments, the most of these') ?? 0) * 10), 5);
  t.ok(Math.abs(cached.gbps - (0.05 * 8.8 + 2)) < 1e-9);
});

t.test('a mix splits the audience', async (t) => {
  const plan = planFor(300_000, readAssumptions({ ...GIVEN, 'webrtc-percent': '25' }), capacities());
  t.equal(resultOf(plan, 'viewers on WebRTC'), 75_000);
  t.equal(resultOf(plan, 'viewers on HLS'), 225_000);
});

t.test('danmaku beyond what a viewer is shown are thinned, frames are one a tick at most', async (t) => {
  const given = readAssumptions({ 'danmaku-rate': '1000000', 'shown-rate': '500', 'tick-ms': '100' });
  const plan = planFor(1_000, given, capacities());
  t.equal(resultOf(plan, 'danmaku a viewer is sent'), 500);
  t.equal(resultOf(plan, 'frames a viewer is sent'), 10);
  t.equal(resultOf(plan, 'cores for danmaku coming in'), 20);
});

t.test('what was not measured is missing from the sum, and said', async (t) => {
  const given = readAssumptions({ ...GIVEN, transport: 'hls' });
  const plan = planFor(10_000, given, capacities(['hlsPlaylists', 'wsMemory']));
  t.equal(resultOf(plan, 'cores for HLS playlists'), undefined);
  t.same(plan.missing, ['memory of a WebSocket viewer', 'HLS playlists a second and core']);
  t.ok(plan.cores > 0);
});

t.test('options out of range are refused with name, value and what they take', async (t) => {
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ viewers: '10k' }, /--viewers takes whole numbers.*not "10k"/],
    [{ transport: 'rtmp' }, /--transport takes one of mix, webrtc, hls, not "rtmp"/],
    [{ headroom: '100' }, /--headroom takes a number from 0 to 95, not "100"/],
    [{ 'link-gbps': '' }, /--link-gbps takes a number/],
    [{ transport: 'hls', 'webrtc-percent': '5' }, /--webrtc-percent goes with --transport mix/],
  ];
  for (const [options, message] of cases) t.throws(() => readAssumptions(options), message);
});
