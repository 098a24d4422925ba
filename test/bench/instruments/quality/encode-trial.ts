// Real encodings of a made clip: more bits look better, the numbers are ffmpeg's own.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  parseBenchmark,
  probeAbilities,
  tryEncoding,
} from '../../../../bench/instruments/quality/encode-trial.ts';
import { encoderArguments } from '../../../../bench/instruments/quality/ladder-encoders.ts';
import { CLIP_NAMES, makeTestClip } from '../../../../bench/instruments/quality/test-clips.ts';

const { signal } = new AbortController();

t.test('clips are the same each time they are made, and move', async (t) => {
  for (const name of CLIP_NAMES) {
    const files = ['one.y4m', 'two.y4m'].map((file) => path.join(t.testdir(), `${name}-${file}`));
    for (const file of files) await makeTestClip({ name, seconds: 1, height: 90, file, signal });
    const [one, two] = files.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'));
    t.equal(one, two, name);
    const hashes = execFileSync('ffmpeg', ['-v', 'error', '-i', files[0] ?? '', '-f', 'framemd5', '-']);
    const pictures = hashes
      .toString()
      .split('\n')
      .filter((line) => /^0,/.test(line));
    t.equal(pictures.length, 30);
    t.equal(new Set(pictures.map((line) => line.split(',').at(-1))).size, 30, `${name}: no picture twice`);
  }
});

t.test('more bits give a better picture, and every figure is there', async (t) => {
  const folder = t.testdir();
  const [clip, file] = [path.join(folder, 'clip.y4m'), path.join(folder, 'encoded.nut')];
  await makeTestClip({ name: 'figure', seconds: 1, height: 180, file: clip, signal });
  const { metric, encoders } = await probeAbilities();
  t.ok(encoders.has('libx264'));
  const trials = [];
  for (const kbps of [100, 800]) {
    const encoder = encoderArguments('x264-veryfast', { kbps, fps: 30 }) ?? [];
    trials.push(await tryEncoding({ clip, seconds: 1, encoder, metric, file, signal }));
  }
  const [low, high] = trials;
  t.ok((high?.quality ?? 0) > (low?.quality ?? 0) + 1);
  t.ok((low?.kbps ?? 0) > 50 && (low?.kbps ?? 0) < 250);
  t.ok((low?.cpuSeconds ?? 0) > 0 && (low?.wallSeconds ?? 0) > 0);
  t.notOk(existsSync(file));
});

t.test('what ffmpeg refuses is an error in its words', async (t) => {
  const { metric } = await probeAbilities();
  const file = path.join(t.testdir(), 'x.nut');
  await t.rejects(tryEncoding({ clip: '/nowhere.y4m', seconds: 1, encoder: [], metric, file, signal }), {
    message: /nowhere\.y4m: No such file/,
  });
  t.same(parseBenchmark('nothing'), { cpuSeconds: Number.NaN, wallSeconds: Number.NaN });
});
