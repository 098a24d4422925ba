// Every way a job can end: stalled, killed, unreadable, closed at any moment; and what stays behind: nothing.
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { waitFor } from '../../../core/lifecycle.ts';
import type { JobEnd } from '../../../transcoder/ffmpeg/ffmpeg-job.ts';
import { plan, start, unitsOf } from '../../support/job-rig.ts';
import { AAC, encodeSource, PLAIN_X264 } from '../../support/transcoder-rig.ts';

t.test('a stopped ffmpeg is noticed by its silence and is gone afterwards', async (t) => {
  const source = await encodeSource({ seconds: 10, video: PLAIN_X264 });
  const { job, made } = start(source, { stallTimeoutMs: 500, plan: plan(source, { passthrough: 'never' }) });
  const units = unitsOf(source);
  const feed = setInterval(() => {
    const next = units.shift();
    if (next) job.write(next.kind, next.unit);
  }, 20);
  while ((made.get('144p')?.units.length ?? 0) < 10) await waitFor(job, 'unit', { timeoutMs: 20_000 });
  const pid = job.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  const [end] = (await waitFor(job, 'ended', { timeoutMs: 10_000 })) as [JobEnd];
  clearInterval(feed);
  t.match(end, { kind: 'stalled', message: /no video came out for \d+ ms/ });
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

t.test('an ffmpeg that dies is told with its last words', async (t) => {
  const source = await encodeSource({ seconds: 1, audio: AAC });
  const { job } = start(source);
  const [pid] = (await waitFor(job, 'started', { timeoutMs: 10_000 })) as [number];
  process.kill(pid, 'SIGKILL');
  const [end] = (await waitFor(job, 'ended', { timeoutMs: 10_000 })) as [JobEnd];
  t.match(end, { kind: 'exited', message: /SIGKILL/ });
});

t.test('input ffmpeg cannot read ends the job with what ffmpeg said', async (t) => {
  const source = await encodeSource({ seconds: 1, video: PLAIN_X264 });
  const { job } = start(source, {
    plan: { ...plan(source), audio: plan(await encodeSource({ seconds: 1, audio: AAC })).audio },
  });
  for (const { kind, unit } of unitsOf(source)) job.write(kind, unit, 'backlog');
  const [end] = (await waitFor(job, 'ended', { timeoutMs: 10_000 })) as [JobEnd];
  t.equal(end.kind, 'exited');
  t.match(end.stderr.join('\n'), /matches no streams/);
});

t.test('a missing program ends the job, not the server', async (t) => {
  const source = await encodeSource({ seconds: 1, audio: AAC });
  const { job } = start(source, { path: '/nowhere/ffmpeg' });
  const [end] = (await waitFor(job, 'ended', { timeoutMs: 10_000 })) as [JobEnd];
  t.match(end, { kind: 'exited', message: /ENOENT/ });
});

t.test('thirty jobs leave no process, no folder and no timer behind', async (t) => {
  const source = await encodeSource({ seconds: 1, video: PLAIN_X264, audio: AAC });
  const pids: number[] = [];
  for (let round = 0; round < 30; round++) {
    const { job } = start(source);
    job.on('started', (pid) => pids.push(pid));
    for (const { kind, unit } of unitsOf(source)) job.write(kind, unit, 'backlog');
    // Some are closed before they have started, some after, some while they work.
    if (round % 3 > 0) await waitFor(job, 'started', { timeoutMs: 10_000 });
    if (round % 3 > 1) await waitFor(job, 'unit', { timeoutMs: 10_000 });
    await job.close('round over');
    await job.close('again');
  }
  t.ok(pids.length >= 20);
  for (const pid of pids) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  const folders = (await readdir(tmpdir())).filter((name) =>
    name.startsWith(`barrage-ffmpeg-${process.pid}-`),
  );
  t.same(folders, []);
});

t.test('ffmpeg ends by itself when the server is killed', async (t) => {
  const program = fileURLToPath(new URL('../../support/job-process.ts', import.meta.url));
  const server = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await waitFor(server.stdout, 'data', { timeoutMs: 20_000 })) as [Buffer];
  const pid = Number(line.toString());
  t.ok(isAlive(pid));
  server.kill('SIGKILL');
  const deadline = performance.now() + 10_000;
  while (isAlive(pid) && performance.now() < deadline) await new Promise(setImmediate);
  t.notOk(isAlive(pid));
  const folders = (await readdir(tmpdir())).filter((name) =>
    name.startsWith(`barrage-ffmpeg-${server.pid}-`),
  );
  t.same(folders, []);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
