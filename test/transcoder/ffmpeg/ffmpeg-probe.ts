// The real ffmpeg, none, and something else under its name.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { findMissing, parseCodecList, probeFfmpeg } from '../../../transcoder/ffmpeg/ffmpeg-probe.ts';

t.test('tells version, encoders and decoders of the ffmpeg at hand', async (t) => {
  const info = await probeFfmpeg();
  t.match(info.version, /\d/);
  t.ok(info.major >= 5);
  for (const name of ['libx264', 'libopus', 'aac']) t.ok(info.encoders.includes(name), name);
  for (const name of ['h264', 'hevc', 'aac']) t.ok(info.decoders.includes(name), name);
});

t.test('without ffmpeg the error names the command that installs it', async (t) => {
  await t.rejects(probeFfmpeg({ path: '/nowhere/ffmpeg' }), {
    code: 'UNAVAILABLE',
    message: /no ffmpeg at "\/nowhere\/ffmpeg".*apt-get install ffmpeg/,
  });
});

t.test('a program that is no ffmpeg is told apart', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'probe-'));
  const path = join(folder, 'ffmpeg');
  await writeFile(path, '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  await t.rejects(probeFfmpeg({ path }), { code: 'UNAVAILABLE', message: /does not run/ });
});

t.test('missing parts come with what they cost', async (t) => {
  const missing = findMissing({
    encoders: ['libx264', 'aac', 'libsvtav1'],
    decoders: ['h264', 'opus', 'aac', 'hevc'],
  });
  t.match(missing, [
    { kind: 'encoder', name: 'libopus', costs: /WebRTC/ },
    { kind: 'decoder', name: 'libdav1d', costs: /AV1/ },
  ]);
});

t.test('reads names from the list below its legend', async (t) => {
  const list =
    'Encoders:\n V..... = Video\n ------\n V....D libx264    H.264 (codec h264)\n A..X.. opus  Opus\n';
  t.same(parseCodecList(list), ['libx264', 'opus']);
});
