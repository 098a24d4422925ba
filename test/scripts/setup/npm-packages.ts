// Covers scripts/setup/npm-packages.ts: when node_modules counts as complete.
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { lockedVersion, npmPackagesInstalled } from '../../../scripts/setup/npm-packages.ts';

const LOCK = {
  packages: {
    '': { name: 'x' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/a-darwin': { version: '1.0.0', optional: true },
  },
};

/** A project folder with this package-lock.json and this record by npm of what is installed. */
function project(t: Test, lock: object, installed?: object): string {
  const modules = installed ? { '.package-lock.json': JSON.stringify(installed) } : {};
  return t.testdir({ 'package-lock.json': JSON.stringify(lock), node_modules: modules });
}

t.test('a fresh checkout is not complete', async (t) => {
  const root = t.testdir({ 'package-lock.json': JSON.stringify(LOCK) });
  t.notOk(npmPackagesInstalled(root));
  t.notOk(existsSync(join(root, 'node_modules')));
});

t.test('half an install, which has no record by npm yet, is not complete', async (t) => {
  t.notOk(npmPackagesInstalled(project(t, LOCK)));
});

t.test('an install by hand counts, without other platforms, and is stamped', async (t) => {
  const root = project(t, LOCK, { packages: { 'node_modules/a': { version: '1.0.0' } } });
  t.ok(npmPackagesInstalled(root));
  t.ok(existsSync(join(root, 'node_modules', '.barrage-stamp')));
  t.ok(npmPackagesInstalled(root));
});

t.test('whatever npm does later, such as a prune, makes the stamp void', async (t) => {
  const root = project(t, LOCK, { packages: { 'node_modules/a': { version: '1.0.0' } } });
  t.ok(npmPackagesInstalled(root));
  const record = join(root, 'node_modules', '.package-lock.json');
  writeFileSync(record, JSON.stringify({ packages: {} }));
  utimesSync(record, 1, 1);
  t.notOk(npmPackagesInstalled(root));
  rmSync(record);
  t.notOk(npmPackagesInstalled(root));
});

t.test('a package of another version or a missing one does not count', async (t) => {
  t.notOk(npmPackagesInstalled(project(t, LOCK, { packages: { 'node_modules/a': { version: '1.0.1' } } })));
  t.notOk(npmPackagesInstalled(project(t, LOCK, { packages: {} })));
});

t.test('a changed package-lock.json makes the stamp void', async (t) => {
  const root = project(t, LOCK, { packages: { 'node_modules/a': { version: '1.0.0' } } });
  t.ok(npmPackagesInstalled(root));
  const changed = { packages: { ...LOCK.packages, 'node_modules/b': { version: '2.0.0' } } };
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(changed));
  t.notOk(npmPackagesInstalled(root));
});

t.test('reads a locked version', async (t) => {
  const root = project(t, LOCK);
  t.equal(lockedVersion(root, 'a'), '1.0.0');
  t.throws(() => lockedVersion(root, 'none'), /does not hold none/);
});

t.test('the project locks binaries for every platform its tools name', async (t) => {
  const { packages } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../package-lock.json'), 'utf8'),
  ) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
  const locked = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
  const missing = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
    Object.keys(optionalDependencies).filter((name) => !locked.has(name)),
  );
  t.same(missing, [], 'npm ci refuses a lock that lacks them');
});
