// A room's media from a real publisher to its outputs: passthrough, ladder, grace, kick.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import type { Live } from '../../../server/live/create-live.ts';
import { DEADLINE_MS, startLive, waitForRenditions, waitForState } from '../../support/live-rig.ts';

/** Pushes a 640x360 test picture with sound; `options` are x264's. */
function publish(
  t: Test,
  live: Live,
  options: { key?: string; x264?: readonly string[] } = {},
): ChildProcess {
  const x264 = options.x264 ?? ['-tune', 'zerolatency', '-bf', '0', '-g', '30'];
  const url = `rtmp://127.0.0.1:${live.rtmp.address.port}/live/${options.key ?? 'secret'}`;
  const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30', '-f', 'lavfi', '-i', 'sine'];
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...x264, '-c:a', 'aac'];
  const child = spawn('ffmpeg', ['-loglevel', 'error', ...source, ...encode, '-f', 'flv', url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

t.test('a fit source is handed on as the top rung, beside what ffmpeg makes of it', async (t) => {
  const live = await startLive(t);
  const room = live.service.getRoom('demo');
  publish(t, live);
  await waitForRenditions(room, ['source', '180p', 'aac', 'opus']);
  const playlist = await room.resolveHls('index.m3u8', AbortSignal.timeout(DEADLINE_MS));
  t.match(String(playlist?.body), /source\/index\.m3u8/);
  t.match(String(playlist?.body), /180p\/index\.m3u8/);
  t.match(String(playlist?.body), /CODECS="avc1\.[0-9a-f]{6},mp4a\.40\.2"/);
  const edge = room.liveEdgeMs ?? 0;
  t.ok(Math.abs(edge - Date.now()) < 10_000, 'the live edge is near now');
  t.equal(room.describe().transcoder?.passthrough.kind, 'source');
});

t.test('a source whose key frames turn out to be far apart is encoded at its own size instead', async (t) => {
  const live = await startLive(t);
  const room = live.service.getRoom('demo');
  publish(t, live, { x264: ['-tune', 'zerolatency', '-bf', '0', '-g', '600'] });
  await waitForRenditions(room, ['source', '180p', 'aac', 'opus']);
  await waitForRenditions(room, ['360p', '180p', 'aac', 'opus']);
  t.match(room.describe().transcoder?.passthrough, { kind: 'none', reason: /key frames/ });
});

t.test('a publisher that is killed and comes back continues the stream with a discontinuity', async (t) => {
  const live = await startLive(t);
  const room = live.service.getRoom('demo');
  const first = publish(t, live);
  await waitForRenditions(room, ['source', '180p', 'aac', 'opus']);
  t.ok(await room.resolveHls('index.m3u8', AbortSignal.timeout(DEADLINE_MS)));
  first.kill('SIGKILL');
  await waitForState(room, 'interrupted');
  t.ok(
    await room.resolveHls('index.m3u8', AbortSignal.timeout(DEADLINE_MS)),
    'players still find the playlist',
  );
  publish(t, live);
  await waitForState(room, 'live');
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const hasSeam = async () =>
    String((await room.resolveHls('180p/index.m3u8', signal))?.body).includes('#EXT-X-DISCONTINUITY\n');
  while (!(await hasSeam())) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  t.pass('the ladder goes on behind a discontinuity');
});

t.test('a wrong key is told so and leaves nothing behind', async (t) => {
  const live = await startLive(t);
  const child = publish(t, live, { key: 'wrong' });
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'exit');
  t.not(code, 0);
  t.match(stderr, /stream key is wrong/);
  t.equal(live.service.findRoom('demo'), undefined);
});

t.test('kicking ends the publisher and the stream, closing ends everything', async (t) => {
  const live = await startLive(t);
  const room = live.service.getRoom('demo');
  const child = publish(t, live);
  await waitForRenditions(room, ['source', '180p', 'aac', 'opus']);
  t.ok(await room.resolveHls('index.m3u8', AbortSignal.timeout(DEADLINE_MS)));
  t.equal(room.kick('kicked by a test'), true);
  await once(child, 'exit');
  t.equal(room.info.state, 'waiting');
  t.match(
    String((await room.resolveHls('source/index.m3u8', AbortSignal.timeout(1000)))?.body),
    /#EXT-X-ENDLIST/,
  );
  t.equal(room.kick('nobody there'), false);
});
