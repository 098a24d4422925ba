// Covers scripts/setup/worker.ts: which worker is used, and when a new one is made.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { SetupError } from '../../../scripts/setup/setup-error.ts';
import { findWorker, hashFiles, workerPath } from '../../../scripts/setup/worker.ts';

const root = join(import.meta.dirname, '../../..');

t.test('the key of a worker changes with the content, the name and the number of our files', async (t) => {
  const dir = t.testdir({ shims: { a: { 'x.h': 'one' } }, patches: { '01.patch': 'two' } });
  const parts = ['shims', 'patches'];
  const seen = new Set([hashFiles(dir, parts)]);
  t.equal(hashFiles(dir, parts), [...seen][0], 'and not by itself');
  writeFileSync(join(dir, 'shims', 'a', 'x.h'), 'One');
  seen.add(hashFiles(dir, parts));
  writeFileSync(join(dir, 'patches', '02.patch'), '');
  seen.add(hashFiles(dir, parts));
  t.equal(seen.size, 3);
});

t.test('the cached worker is named after what it was made from and for', async (t) => {
  t.match(
    workerPath(root),
    new RegExp(`/mediasoup-worker/3\\.\\d+\\.\\d+-${process.platform}-${process.arch}-`),
  );
});

t.test('every shim stands in for a subproject of mediasoup', async (t) => {
  const wraps = readdirSync(join(root, 'node_modules/mediasoup/worker/subprojects'));
  for (const shim of readdirSync(join(root, 'scripts/worker/shims')))
    t.ok(wraps.includes(`${shim}.wrap`), shim);
});

t.test('MEDIASOUP_WORKER_BIN wins, and a wrong one is told', async (t) => {
  const before = process.env['MEDIASOUP_WORKER_BIN'];
  t.teardown(() => {
    if (before === undefined) delete process.env['MEDIASOUP_WORKER_BIN'];
    else process.env['MEDIASOUP_WORKER_BIN'] = before;
  });
  process.env['MEDIASOUP_WORKER_BIN'] = process.execPath;
  t.equal(findWorker(root), process.execPath);
  process.env['MEDIASOUP_WORKER_BIN'] = '/nowhere/mediasoup-worker';
  t.throws(() => findWorker(root), SetupError);
});
