// The demo publisher, with shell scripts in the place of ffmpeg.
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { silentLogger } from '../../core/logger.ts';
import { DemoPublisher, demoArguments } from '../../server/demo.ts';

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isTrue() && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
}

function fakeFfmpeg(t: Test, script: string) {
  const dir = t.testdir({ ffmpeg: `#!/bin/sh\necho "$@" >> "$0.log"\n${script}\n` });
  const file = join(dir, 'ffmpeg');
  chmodSync(file, 0o755);
  const runs = () => {
    try {
      return readFileSync(`${file}.log`, 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };
  return { file, runs };
}

t.test('the test picture goes to the stream key, with a clock unless told otherwise', async (t) => {
  const args = demoArguments('rtmp://127.0.0.1:1935/live/KEY', { clock: true });
  t.equal(args.at(-1), 'rtmp://127.0.0.1:1935/live/KEY');
  t.match(args.join(' '), /drawtext/);
  t.notMatch(demoArguments('x', { clock: false }).join(' '), /drawtext/);
});

t.test('an ffmpeg that dies is started again, without the clock when that is what it lacks', async (t) => {
  const { file, runs } = fakeFfmpeg(t, 'echo "No such filter: drawtext" >&2; exit 1');
  const demo = new DemoPublisher({
    ffmpegPath: file,
    rtmpServer: 'rtmp://x',
    streamKey: 'k',
    logger: silentLogger,
  });
  await until(() => runs().length >= 2);
  await demo.close('test');
  t.match(runs()[0], /drawtext/);
  t.notMatch(runs()[1], /drawtext/);
});

t.test('the stream key does not get into the log with what ffmpeg says', async (t) => {
  const { file } = fakeFfmpeg(t, 'echo "failed: rtmp://x/s3cret" >&2; exit 1');
  const lines: string[] = [];
  const logger = { ...silentLogger, warn: (fields: object) => void lines.push(JSON.stringify(fields)) };
  const demo = new DemoPublisher({ ffmpegPath: file, rtmpServer: 'rtmp://x', streamKey: 's3cret', logger });
  await until(() => lines.length > 0);
  await demo.close('test');
  t.match(lines[0], /failed/);
  t.notMatch(lines[0], /s3cret/);
});

t.test('closing ends ffmpeg, also one that will not listen', async (t) => {
  const { file, runs } = fakeFfmpeg(t, 'trap "" TERM; while true; do sleep 0.1; done');
  const demo = new DemoPublisher({
    ffmpegPath: file,
    rtmpServer: 'rtmp://x',
    streamKey: 'k',
    logger: silentLogger,
  });
  await until(() => runs().length === 1);
  await demo.close('test');
  await demo.close('again');
  t.equal(runs().length, 1);
});

t.test('a missing ffmpeg does not end the server', async (t) => {
  const lines: string[] = [];
  const logger = { ...silentLogger, warn: (fields: object) => void lines.push(JSON.stringify(fields)) };
  const demo = new DemoPublisher({
    ffmpegPath: '/nonexistent',
    rtmpServer: 'rtmp://x',
    streamKey: 'k',
    logger,
  });
  await until(() => lines.length > 0);
  t.match(lines[0], /ENOENT/);
  await demo.close('test');
});
