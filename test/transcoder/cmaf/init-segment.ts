// Init segments with fragments behind them, read back by real ffprobe and ffmpeg, codec by codec.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import type { Track } from '../../../core/access-unit.ts';
import { buildFragment, type FragmentUnit } from '../../../transcoder/cmaf/fragment.ts';
import { buildInitSegment } from '../../../transcoder/cmaf/init-segment.ts';
import { encodeUnits } from '../../support/lavfi-units.ts';

const run = promisify(execFile);
const PICTURE = 'testsrc2=size=320x180:rate=30';
const TONE = 'sine=frequency=440:sample_rate=48000';

interface CodecCase {
  readonly name: string;
  readonly source: string;
  readonly encoder: string[];
  readonly timescale: number;
  readonly expected: Record<string, unknown>;
}

const CASES: CodecCase[] = [
  {
    name: 'h264',
    source: PICTURE,
    encoder: ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '30'],
    timescale: 90_000,
    expected: { codec_name: 'h264', codec_tag_string: 'avc1', width: 320, height: 180 },
  },
  {
    name: 'hevc',
    source: PICTURE,
    encoder: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-tag:v', 'hvc1'],
    timescale: 90_000,
    expected: { codec_name: 'hevc', codec_tag_string: 'hvc1', width: 320, height: 180 },
  },
  {
    name: 'av1',
    source: PICTURE,
    encoder: ['-c:v', 'libsvtav1', '-preset', '12', '-pix_fmt', 'yuv420p'],
    timescale: 90_000,
    expected: { codec_name: 'av1', codec_tag_string: 'av01', width: 320, height: 180 },
  },
  {
    name: 'aac',
    source: TONE,
    encoder: ['-c:a', 'aac', '-ac', '2'],
    timescale: 48_000,
    expected: { codec_name: 'aac', codec_tag_string: 'mp4a', sample_rate: '48000', channels: 2 },
  },
  {
    name: 'opus',
    source: TONE,
    encoder: ['-c:a', 'libopus', '-ac', '2'],
    timescale: 48_000,
    expected: { codec_name: 'opus', codec_tag_string: 'Opus', sample_rate: '48000', channels: 2 },
  },
];

for (const each of CASES) {
  t.test(
    `${each.name} goes through an init segment and fragments and decodes without a complaint`,
    async (t) => {
      const { track, units } = await encodeUnits({ source: each.source, encoder: each.encoder, seconds: 1 });
      const ticks = (us: number): number => Math.round((us * each.timescale) / 1e6);
      const samples = units.map((unit) => ({
        pts: ticks(unit.ptsUs),
        dts: ticks(unit.dtsUs),
        duration: ticks(unit.durationUs),
        key: unit.key,
        data: unit.data,
      }));
      const file = await writeMedia(t, track, each.timescale, samples);
      const { stdout } = await run('ffprobe', [
        ...['-v', 'error', '-of', 'json', '-show_streams', '-show_packets', file],
      ]);
      const probe = JSON.parse(stdout);
      t.match(probe.streams[0], each.expected);
      t.equal(probe.packets.length, units.length);
      t.strictSame(
        probe.packets.map((p: { pts: number }) => p.pts),
        samples.map((s) => s.pts),
      );
      const keys = probe.packets.map((p: { flags: string }) => p.flags.startsWith('K'));
      t.strictSame(
        keys,
        samples.map((s) => s.key),
      );
      const decoded = await run('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
      t.equal(decoded.stderr, '');
    },
  );
}

async function writeMedia(
  t: { teardown(handler: () => unknown): void },
  track: Track,
  timescale: number,
  units: FragmentUnit[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cmaf-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const half = Math.floor(units.length / 2);
  const file = join(folder, 'out.mp4');
  await writeFile(
    file,
    Buffer.concat([
      buildInitSegment([{ trackId: 1, timescale, track }]),
      buildFragment({ sequenceNumber: 1, trackId: 1, units: units.slice(0, half) }),
      buildFragment({ sequenceNumber: 2, trackId: 1, units: units.slice(half) }),
    ]),
  );
  return file;
}

t.test('a codec without a place in CMAF is refused with its name', async (t) => {
  const track: Track = {
    ...{ kind: 'video', codec: 'vp8', config: Buffer.alloc(0), codecString: 'vp8' },
    ...{ width: 320, height: 180, frameRate: 30, bitrateKbps: 0 },
  };
  t.throws(() => buildInitSegment([{ trackId: 1, timescale: 90_000, track }]), {
    code: 'UNSUPPORTED_MEDIA',
    message: /vp8/,
  });
});
