// The RTMP load generator against the real RTMP server: what arrives is the clip, at the clock's pace.
import path from 'node:path';
import t from 'tap';
import { GeneratorProcess } from '../../../../bench/instruments/load/generator-process.ts';
import type { RtmpLoadMethods } from '../../../../bench/instruments/rtmp/rtmp-load.ts';
import { CLIP_SECONDS, findOrMakeClip } from '../../../../bench/instruments/rtmp/source-clips.ts';
import { waitFor } from '../../../../core/lifecycle.ts';
import { KEY, serveRtmp } from '../../../support/rtmp-bench.ts';

const MODULE = path.join(import.meta.dirname, '../../../../bench/instruments/rtmp/rtmp-load.ts');
type Teardown = { teardown(undo: () => unknown): void };

const TINY = { width: 160, height: 90, videoKbps: 100, sound: true } as const;

async function startLoad(t: Teardown, durationMs?: number) {
  const clip = await findOrMakeClip({ kind: 'passthrough', ...TINY });
  const generator = await GeneratorProcess.start<RtmpLoadMethods>(MODULE);
  t.teardown(() => generator[Symbol.asyncDispose]());
  await generator.call('load', { file: clip.file, durationMs: durationMs ?? clip.durationMs });
  return generator;
}

t.test('a clip arrives as it was encoded, and goes on in time when it begins again', async (t) => {
  const { port, target } = await serveRtmp(t);
  const generator = await startLoad(t, 1000);
  const [start] = await generator.call('start', {
    urls: [`rtmp://127.0.0.1:${port}/live/${KEY}`],
    spacingMs: 0,
  });
  t.equal(start?.error, undefined);
  while (target.of('video').length < 45) await waitFor(target, 'unit', { timeoutMs: 5000 });
  t.match(target.tracks[0], { kind: 'video', codec: 'h264', width: 160, height: 90 });
  t.match(
    target.tracks.find(({ kind }) => kind === 'audio'),
    { codec: 'aac', sampleRate: 48_000, channels: 2 },
  );
  const video = target.of('video');
  t.same(
    video.slice(0, 45).map(({ key }) => key),
    Array.from({ length: 45 }, (_, index) => index % 30 === 0),
  );
  const steps = video.slice(1, 45).map((unit, index) => unit.dtsUs - (video[index]?.dtsUs ?? 0));
  t.ok(steps.every((us) => us >= 32_000 && us <= 35_000));
  const state = await generator.call('state', undefined);
  t.match(state, { publishing: 1, lost: [] });
  await generator.call('trim', { keep: 0 });
  if (target.ends.length === 0) await waitFor(target, 'end', { timeoutMs: 5000 });
  t.same(target.ends, [{ reason: 'unpublished', clean: true }]);
});

t.test('a refused publisher is told with the reason, a lost one is found', async (t) => {
  const { server, port } = await serveRtmp(t);
  const generator = await startLoad(t);
  const urls = ['wrong', KEY].map((key) => `rtmp://127.0.0.1:${port}/live/${key}`);
  const [wrong, right] = await generator.call('start', { urls, spacingMs: 10 });
  t.match(wrong?.error, /publishing was refused.*key is not known/);
  t.equal(right?.error, undefined);
  await server.close('test over');
  for (;;) {
    const { lost } = await generator.call('state', undefined);
    if (lost.length === 0) continue;
    t.match(lost, [{ url: urls[1], reason: String }]);
    return;
  }
});

t.test('a clip loops without a seam: whole pictures and whole sound frames', async (t) => {
  t.equal((CLIP_SECONDS * 30) % 1, 0);
  t.equal((CLIP_SECONDS * 48_000) % 1024, 0);
});
