// The publisher against an ffmpeg that listens: what arrives is what OBS would send, and when it left is known.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { findFreePorts } from '../../../bench/instruments/free-ports.ts';
import { readProcess } from '../../../bench/instruments/process-tree.ts';
import { Publisher } from '../../../bench/instruments/publisher.ts';

interface Sink {
  readonly url: string;
  readonly file: string;
  readonly child: ChildProcess;
  readonly closed: Promise<unknown>;
}

t.test('the obs preset sends x264 high with B-frames and AAC at 720p30', async (t) => {
  const sink = await startSink(t.testdir());
  t.teardown(() => sink.child.kill('SIGKILL'));
  const publisher = new Publisher({ url: sink.url, tapEncoder: true });
  t.teardown(() => publisher.kill());
  const startedAtMs = Date.now();
  await once(publisher, 'encoding');
  await waitForFile(sink.file, 1_000_000);
  const encoded = encodedClocks(publisher, startedAtMs);
  t.ok(encoded.length > 30, `${encoded.length} pictures left the encoder`);
  t.ok(
    encoded.every(({ clockMs, atMs }) => atMs >= clockMs),
    'none before it was drawn',
  );
  await publisher.stop();
  t.notOk(publisher.running);
  await sink.closed;

  const [video, audio] = await probe(sink.file);
  t.match(video, { codec_name: 'h264', profile: 'High', width: 1280, height: 720, has_b_frames: 2 });
  t.match(audio, { codec_name: 'aac', sample_rate: '48000', channels: 2 });
});

t.test('the low-latency preset has no B-frames and takes another size and rate', async (t) => {
  const sink = await startSink(t.testdir());
  t.teardown(() => sink.child.kill('SIGKILL'));
  const publisher = new Publisher({
    url: sink.url,
    preset: 'low-latency',
    width: 640,
    height: 360,
    bitrateKbps: 800,
    sampleRate: 44_100,
  });
  t.teardown(() => publisher.kill());
  await waitForFile(sink.file, 200_000);
  await publisher.stop();
  await sink.closed;
  const [video, audio] = await probe(sink.file);
  t.match(video, { width: 640, height: 360, has_b_frames: 0 });
  t.match(audio, { sample_rate: '44100' });
});

t.test('a killed publisher is gone at once and says so', async (t) => {
  const sink = await startSink(t.testdir());
  t.teardown(() => sink.child.kill('SIGKILL'));
  const publisher = new Publisher({ url: sink.url, width: 640, height: 360 });
  await waitForFile(sink.file, 10_000);
  const ended = once(publisher, 'exit');
  await publisher.kill();
  t.match(await ended, [{ signal: 'SIGKILL' }]);
  t.equal(readProcess(publisher.pid), undefined);
});

t.test('a publisher nobody listens to ends with the reason in its stderr', async (t) => {
  const port = await findFreePorts(1);
  const publisher = new Publisher({ url: `rtmp://127.0.0.1:${port}/live/nobody`, width: 320, height: 180 });
  await once(publisher, 'exit');
  t.match(publisher.stderrTail, /Connection refused/);
});

/** An ffmpeg that takes one publisher and writes what it sends; `-listen` accepts as soon as it is bound. */
async function startSink(folder: string): Promise<Sink> {
  const port = await findFreePorts(1);
  const url = `rtmp://127.0.0.1:${port}/live/test`;
  const file = path.join(folder, 'received.flv');
  const child = spawn(
    'ffmpeg',
    ['-v', 'info', '-listen', '1', '-f', 'flv', '-i', url, '-c', 'copy', '-flush_packets', '1', '-y', file],
    { stdio: ['ignore', 'ignore', 'ignore'] },
  );
  const closed = once(child, 'close');
  await waitUntil(() => isListening(port), 'the sink to listen');
  return { url, file, child, closed };
}

async function isListening(port: number): Promise<boolean> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return new RegExp(`:${hex} 00000000:0000 0A`).test(await readFile('/proc/net/tcp', 'utf8'));
}

function waitForFile(file: string, bytes: number): Promise<void> {
  return waitUntil(async () => (await stat(file).catch(() => ({ size: 0 }))).size >= bytes, `${bytes} bytes`);
}

async function waitUntil(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function encodedClocks(publisher: Publisher, fromMs: number): { clockMs: number; atMs: number }[] {
  return Array.from({ length: Date.now() - fromMs }, (_, index) => fromMs + index).flatMap((clockMs) => {
    const atMs = publisher.encodedAtMs(clockMs);
    return atMs === undefined ? [] : [{ clockMs, atMs }];
  });
}

async function probe(file: string): Promise<Record<string, unknown>[]> {
  const child = spawn('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return (JSON.parse(output) as { streams: Record<string, unknown>[] }).streams;
}
