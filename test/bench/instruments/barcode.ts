// The burned-in clock survives what a picture goes through on its way: scaling down and lossy coding.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import t from 'tap';
import { decodeBarcode, encodeBarcode, readBarcode } from '../../../bench/instruments/barcode.ts';
import { ClockPicture } from '../../../bench/instruments/clock-picture.ts';

const PICTURES = 60;
const BASE_MS = 1_790_000_000_123;
const FRAME_MS = 1000 / 30;

t.test('a clock is read back as it was written, seen from any time within three weeks', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e12 }),
      fc.integer({ min: -1.8e9, max: 1.8e9 }),
      (clockMs, awayMs) => decodeBarcode(encodeBarcode(clockMs), clockMs + awayMs) === clockMs,
    ),
  );
});

t.test('a barcode with one or two wrong blocks is refused', async () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e12 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 47 }), { minLength: 1, maxLength: 2 }),
      (clockMs, wrong) => {
        const bits = encodeBarcode(clockMs).map((bit, index) => (wrong.includes(index) ? !bit : bit));
        return decodeBarcode(bits, clockMs) === undefined;
      },
    ),
  );
});

t.test('a picture without a barcode gives no clock', async (t) => {
  const grey = { data: new Uint8Array(320 * 180).fill(90), width: 320, height: 180, pixelBytes: 1 } as const;
  t.equal(readBarcode(grey, BASE_MS), undefined);
});

for (const codec of [
  ['libx264', '-preset', 'veryfast', '-crf', '35'],
  ['libsvtav1', '-preset', '12', '-crf', '50'],
]) {
  t.test(`every clock survives 720p, then ${codec.join(' ')} at 640x360 and at 320x180`, async (t) => {
    for (const size of [
      { width: 640, height: 360 },
      { width: 320, height: 180 },
    ]) {
      t.same(await readBack(codec, size), expectedClocks(), `${size.width}x${size.height}`);
    }
  });
}

function expectedClocks(): number[] {
  return Array.from({ length: PICTURES }, (_, index) => Math.round(BASE_MS + index * FRAME_MS));
}

/** Draws, encodes, decodes and reads every picture. */
async function readBack(
  codec: readonly string[],
  size: { width: number; height: number },
): Promise<number[]> {
  const picture = new ClockPicture({ width: 320, height: 180 });
  const raw = (width: number, height: number, format: string) =>
    ['-f', 'rawvideo', '-pix_fmt', format, '-s', `${width}x${height}`, '-r', '30'] as const;
  const scale = `scale=1280:720,scale=${size.width}:${size.height}`;
  const encoder = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', ...raw(320, 180, 'yuv420p'), '-i', 'pipe:0', '-vf', scale],
      ...['-c:v', ...codec, '-f', 'matroska', 'pipe:1'],
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const decoder = spawn(
    'ffmpeg',
    [...['-v', 'error', '-i', 'pipe:0', ...raw(size.width, size.height, 'gray'), 'pipe:1']],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  encoder.stdout.pipe(decoder.stdin);
  for (const clockMs of expectedClocks()) encoder.stdin.write(picture.draw(clockMs));
  encoder.stdin.end();
  const chunks: Buffer[] = [];
  decoder.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(decoder, 'close');
  const planes = Buffer.concat(chunks);
  const bytes = size.width * size.height;
  return Array.from({ length: planes.length / bytes }, (_, index) => {
    const data = planes.subarray(index * bytes, (index + 1) * bytes);
    return readBarcode({ data, ...size, pixelBytes: 1 }, BASE_MS) ?? Number.NaN;
  });
}
