// Real encoders into the RTMP ingest: ffmpeg as OBS would push, killed and ended properly.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { avcNalType } from '../../../../core/codec/avc.ts';
import { splitNals } from '../../../../core/codec/nal.ts';
import { waitFor } from '../../../../core/lifecycle.ts';
import { createRtmpServer } from '../../../../media/ingest/rtmp/rtmp-server.ts';
import { RecordingTarget } from '../../../support/recording-target.ts';

const DEADLINE = { timeoutMs: 30_000 };
const SOUND = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'];
const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30'];
// What OBS sends by default: high profile, B-frames, a key frame every 250 frames.
const H264 = ['-c:v', 'libx264', '-profile:v', 'high', '-preset', 'veryfast', '-g', '250', '-bf', '2'];
const AAC = ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'];

function push(port: number, args: readonly string[]): ChildProcess {
  const url = `rtmp://127.0.0.1:${port}/live/KEY`;
  const all = ['-v', 'error', '-nostdin', '-re', ...args, '-pix_fmt', 'yuv420p', '-f', 'flv', url];
  return spawn('ffmpeg', all, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function serve(t: { teardown(undo: () => unknown): void }) {
  const target = new RecordingTarget();
  const keys: string[] = [];
  const server = await createRtmpServer({
    host: '127.0.0.1',
    port: 0,
    admit: async ({ streamKey }) => {
      keys.push(streamKey);
      return target;
    },
  });
  t.teardown(() => server.close('test over'));
  return { server, target, keys, port: server.address.port };
}

t.test('picture and sound arrive as tracks and units', async (t) => {
  const { target, keys, port, server } = await serve(t);
  const ended = waitFor(target, 'end', DEADLINE);
  push(port, [...PICTURE, '-re', ...SOUND, '-t', '3', ...H264, ...AAC]);
  t.same(await ended, ['unpublished', true]);
  t.same(keys, ['KEY']);

  t.match(target.tracks, [
    { kind: 'video', codec: 'h264', codecString: /^avc1\.6400/, width: 640, height: 360, frameRate: 30 },
    { kind: 'audio', codec: 'aac', codecString: 'mp4a.40.2', sampleRate: 44100, channels: 2 },
  ]);
  t.match(target.metadata, [{ width: 640, height: 360, frameRate: 30, encoder: /^Lavf/ }]);

  const video = target.of('video');
  t.equal(video.length, 90);
  t.same(
    video.map((unit) => unit.key),
    video.map((_, index) => index === 0),
    'one key frame, the first',
  );
  t.ok(
    video.every(({ ptsUs, dtsUs }) => ptsUs >= dtsUs),
    'pts >= dts',
  );
  t.ok(
    video.some(({ ptsUs, dtsUs }) => ptsUs > dtsUs),
    'B-frames reorder',
  );
  t.ok(
    video.every(({ dtsUs }, index) => index === 0 || dtsUs > video[index - 1]!.dtsUs),
    'dts grows',
  );
  const types = new Set(video.flatMap(({ data }) => splitNals(data).map(avcNalType)));
  t.notOk(types.has(7) || types.has(8) || types.has(9), 'no parameter sets, no delimiters');
  const audio = target.of('audio');
  t.ok(audio.length > 120 && audio.length < 135, `${audio.length} AAC frames in 3 s`);
  t.equal(audio[0]!.durationUs, 23_220);
  t.match(server.describe(), { accepted: 1, publishing: 0 });
});

t.test('a publisher killed with -9 ends the publication at once and not cleanly', async (t) => {
  const { target, port } = await serve(t);
  const ffmpeg = push(port, [...PICTURE, '-re', ...SOUND, ...H264, ...AAC]);
  await waitFor(target, 'unit', DEADLINE);
  const ended = waitFor(target, 'end', { timeoutMs: 2000 });
  ffmpeg.kill('SIGKILL');
  t.equal((await ended)[1], false);
});

t.test('a publisher that freezes is ended after the stall deadline', async (t) => {
  const target = new RecordingTarget();
  const server = await createRtmpServer({
    host: '127.0.0.1',
    port: 0,
    admit: async () => target,
    limits: { stallTimeoutMs: 500, flushTimeoutMs: 100 },
  });
  t.teardown(() => server.close('test over'));
  const ffmpeg = push(server.address.port, [...PICTURE, '-tune', 'zerolatency', ...H264]);
  const exited = once(ffmpeg, 'exit');
  t.teardown(() => ffmpeg.kill('SIGKILL'));
  await waitFor(target, 'unit', DEADLINE);
  const ended = waitFor(target, 'end', DEADLINE);
  ffmpeg.kill('SIGSTOP');
  t.equal((await ended)[1], false);
  t.equal(server.describe().closed.stalled, 1);
  ffmpeg.kill('SIGKILL');
  await exited;
});

t.test('sound alone and picture alone are taken', async (t) => {
  for (const [args, kind] of [
    [[...SOUND, '-t', '1', ...AAC], 'audio'],
    [[...PICTURE, '-t', '1', ...H264], 'video'],
  ] as const) {
    const { target, port } = await serve(t);
    const ended = waitFor(target, 'end', DEADLINE);
    push(port, args);
    await ended;
    t.same(
      target.tracks.map((track) => track.kind),
      [kind],
    );
    t.ok(target.of(kind).length >= 30);
    t.equal(target.of(kind).length, target.units.length);
  }
});
