// The muxed stream on the stdin of a real ffmpeg, and its times and durations.
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import t from 'tap';
import type { AccessUnit, AudioTrack, VideoTrack } from '../../../core/access-unit.ts';
import { waitFor } from '../../../core/lifecycle.ts';
import { StdinMuxer } from '../../../transcoder/cmaf/stdin-muxer.ts';
import { encodeUnits, path } from '../../support/lavfi-units.ts';

const ORIGIN_US = 1_790_000_000_000_000;
const DEADLINE_MS = 20_000;

async function encodeVideo(seconds: number) {
  return encodeUnits<VideoTrack>({
    source: 'testsrc2=size=320x180:rate=30',
    encoder: ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-g', '15'],
    seconds,
    startUs: ORIGIN_US,
  });
}

async function encodeAudio(seconds: number) {
  return encodeUnits<AudioTrack>({
    source: 'sine=frequency=440:sample_rate=44100',
    encoder: ['-c:a', 'aac', '-ac', '2'],
    seconds,
    startUs: ORIGIN_US,
  });
}

t.test('ffmpeg gives back each frame without waiting for the next fragment', async (t) => {
  const { track, units } = await encodeVideo(2);
  const muxer = new StdinMuxer({ video: track, originUs: ORIGIN_US });
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-probesize', '32', '-analyzeduration', '0', '-flags', 'low_delay'],
      ...['-f', 'mp4', '-i', 'pipe:0', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'],
      ...['-f', 'framecrc', '-flush_packets', '1', 'pipe:1'],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  t.teardown(() => ffmpeg.kill('SIGKILL'));
  const out = new EventEmitter();
  let lines = 0;
  ffmpeg.stdout.on('data', (chunk: Buffer) => {
    lines += chunk.toString().match(/^\d.*$/gm)?.length ?? 0;
    out.emit('frames');
  });
  ffmpeg.stdin.write(muxer.init());
  // ffmpeg looks at a few frames before it starts; from then on one in is one out.
  const warmUp = 10;
  for (const [index, unit] of units.entries()) {
    ffmpeg.stdin.write(muxer.write('video', unit)!);
    while (index >= warmUp && lines <= index) await waitFor(out, 'frames', { timeoutMs: DEADLINE_MS });
  }
  t.equal(lines, units.length, 'every frame is out while stdin is still open');
});

t.test('video and audio in one stream keep every packet and its time to the microsecond', async (t) => {
  const video = await encodeVideo(1);
  const audio = await encodeAudio(1);
  const muxer = new StdinMuxer({ video: video.track, audio: audio.track, originUs: ORIGIN_US });
  const all = [
    ...video.units.map((unit) => ({ kind: 'video' as const, unit })),
    ...audio.units.map((unit) => ({ kind: 'audio' as const, unit })),
  ].sort((a, b) => a.unit.dtsUs - b.unit.dtsUs);
  const bytes = [muxer.init(), ...all.map(({ kind, unit }) => muxer.write(kind, unit)!)];
  const probe = spawn('ffprobe', ['-v', 'error', '-of', 'json', '-show_packets', '-f', 'mp4', 'pipe:0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.teardown(() => probe.kill('SIGKILL'));
  probe.stdin.end(Buffer.concat(bytes));
  let json = '';
  for await (const chunk of probe.stdout) json += chunk;
  const packets: { codec_type: string; pts: number; dts: number }[] = JSON.parse(json).packets;
  for (const [kind, units] of [
    ['video', video.units],
    ['audio', audio.units],
  ] as const) {
    const expected = units.map((unit) => [unit.ptsUs - ORIGIN_US, unit.dtsUs - ORIGIN_US]);
    const seen = packets.filter((each) => each.codec_type === kind).map((each) => [each.pts, each.dts]);
    t.strictSame(seen, expected, kind);
  }
});

t.test('a duration that is not known is the spacing to the frame before, never a pause', async (t) => {
  const track: VideoTrack = {
    ...{ kind: 'video', codec: 'h264', config: Buffer.alloc(8), codecString: 'avc1.42c01e' },
    ...{ width: 320, height: 180, frameRate: 0, bitrateKbps: 0 },
  };
  const muxer = new StdinMuxer({ video: track, originUs: 0 });
  const durationAt = (dtsUs: number): number | undefined => {
    const unit: AccessUnit = { ptsUs: dtsUs, dtsUs, durationUs: 0, key: true, data: Buffer.from('x') };
    const bytes = muxer.write('video', unit);
    return bytes && path(bytes, 'moof', 'traf', 'trun').readUInt32BE(12);
  };
  t.equal(durationAt(0), 33_333, 'a frame rate is assumed for the first');
  t.equal(durationAt(40_000), 40_000);
  t.equal(durationAt(90_000), 50_000);
  t.equal(durationAt(5_000_000), 50_000, 'a pause keeps the last spacing');
  t.equal(durationAt(5_000_000), undefined, 'no second frame at the same time');
  t.equal(durationAt(4_000_000), undefined, 'none from before');
});

t.test('a unit from before the origin or of a track that is not there is not written', async (t) => {
  const { track, units } = await encodeAudio(0.1);
  const muxer = new StdinMuxer({ audio: track, originUs: ORIGIN_US + 30_000 });
  t.equal(muxer.write('audio', units[0]!), undefined);
  t.ok(muxer.write('audio', units[2]!));
  t.throws(() => muxer.write('video', units[0]!), { code: 'UNSUPPORTED_MEDIA' });
  t.throws(() => new StdinMuxer({ originUs: 0 }), RangeError);
});
