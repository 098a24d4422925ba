// NUT as the real ffmpeg writes it, cut anywhere and damaged anywhere.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import type { AccessUnit, Track } from '../../../core/access-unit.ts';
import { splitNals } from '../../../core/codec/nal.ts';
import { BarrageError } from '../../../core/errors.ts';
import { NutReader } from '../../../transcoder/ffmpeg/nut-reader.ts';

const ORIGIN_US = 1_700_000_000_000_000;

function makeNut(source: string, encoder: readonly string[]): Buffer {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', source, '-t', '2'];
  return execFileSync('ffmpeg', [...input, ...encoder, '-f', 'nut', 'pipe:1'], { maxBuffer: 1 << 28 });
}

interface Read {
  readonly tracks: Track[];
  readonly units: AccessUnit[];
}

function read(chunks: Iterable<Buffer>, maxPacketBytes?: number): Read {
  const tracks: Track[] = [];
  const units: AccessUnit[] = [];
  const reader = new NutReader({
    originUs: ORIGIN_US,
    frameRate: 30,
    bitrateKbps: 500,
    ...(maxPacketBytes === undefined ? {} : { maxPacketBytes }),
    onTrack: (track) => tracks.push(track),
    onUnit: (unit) => units.push(unit),
  });
  for (const chunk of chunks) reader.push(chunk);
  return { tracks, units };
}

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '0', '-g', '15', '-pix_fmt', 'yuv420p'];
const h264 = makeNut('testsrc2=s=320x180:r=30', [
  ...X264,
  '-fps_mode',
  'passthrough',
  '-enc_time_base',
  '1:1000000',
]);
const opus = makeNut('sine=r=48000', ['-af', 'asetpts=PTS+10/TB', '-c:a', 'libopus', '-ac', '2']);
const aac = makeNut('sine=r=44100', ['-af', 'asetpts=PTS+10/TB', '-c:a', 'aac', '-ac', '2']);

t.test('reads H.264 with exact times, key frames and clean units', async (t) => {
  const { tracks, units } = read([h264]);
  t.match(tracks, [
    { kind: 'video', codec: 'h264', width: 320, height: 180, frameRate: 30, bitrateKbps: 500 },
  ]);
  t.match(tracks[0]?.codecString, /^avc1\.[0-9a-f]{6}$/);
  t.equal(units.length, 60);
  for (const [index, unit] of units.entries()) {
    t.ok(Math.abs(unit.ptsUs - ORIGIN_US - (index * 1e6) / 30) <= 1, `unit ${index} at ${unit.ptsUs}`);
    t.equal(unit.dtsUs, unit.ptsUs);
    t.equal(unit.key, index % 15 === 0);
    const types = splitNals(unit.data).map((nal) => (nal[0] ?? 0) & 0x1f);
    t.ok(types.every((type) => type === 1 || type === 5));
  }
});

t.test('reads Opus and AAC with durations', async (t) => {
  const sound = read([opus]);
  t.match(sound.tracks, [{ codec: 'opus', sampleRate: 48_000, channels: 2 }]);
  t.ok(sound.units.every((unit) => unit.durationUs === 20_000 && unit.key));
  t.equal(
    sound.units[0]?.ptsUs,
    ORIGIN_US + 10_000_000 - 6_500,
    'the encoder delay is before the first sample',
  );
  const other = read([aac]);
  t.match(other.tracks, [{ codec: 'aac', sampleRate: 44_100, channels: 2, codecString: 'mp4a.40.2' }]);
  t.ok(other.units.every((unit) => unit.durationUs === 23_220));
});

t.test('any cutting into chunks reads the same', async (t) => {
  for (const file of [h264, opus]) {
    const whole = read([file]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1 }), (sizes) => {
        const chunks: Buffer[] = [];
        for (let at = 0, index = 0; at < file.length; index++) {
          const size = sizes[index % sizes.length] ?? 1;
          // One-byte chunks of the whole file would only test patience.
          chunks.push(file.subarray(at, at + (index < 2000 ? size : file.length)));
          at += index < 2000 ? size : file.length;
        }
        const cut = read(chunks);
        return (
          cut.units.length === whole.units.length &&
          cut.units.every((unit, index) => unit.data.equals(whole.units[index]?.data ?? Buffer.alloc(0)))
        );
      }),
      { numRuns: 20 },
    );
  }
  t.pass();
});

t.test('damaged input ends in an error of ours or is read, and never hangs', async (t) => {
  const damage = fc.record({ at: fc.nat(h264.length - 1), value: fc.integer({ min: 0, max: 255 }) });
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 8 }), (places) => {
      const file = Buffer.from(h264);
      for (const { at, value } of places) file[at % 600] = value;
      try {
        read([file]);
        return true;
      } catch (error) {
        return error instanceof BarrageError;
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('noise is refused', async (t) => {
  t.throws(() => read([Buffer.alloc(64, 'x')]), { code: 'BAD_REQUEST' });
});

t.test('a frame larger than the bound is refused before it is held', async (t) => {
  t.throws(() => read([h264], 1000), { code: 'BAD_REQUEST', message: /at most 1000/ });
});

t.test('a codec nobody asked for is refused', async (t) => {
  const flac = makeNut('sine=r=48000', ['-c:a', 'flac']);
  t.throws(() => read([flac]), { code: 'UNSUPPORTED_MEDIA' });
});
